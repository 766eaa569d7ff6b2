import java.io.FileInputStream;
import java.util.List;

import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** Asks veraPDF of each file named whether it is a PDF/A-3b and a PDF/UA-1: a line for each. */
public class Conformance {
    public static void main(String[] files) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        for (String file : files) {
            for (PDFAFlavour flavour : List.of(PDFAFlavour.PDFA_3_B, PDFAFlavour.PDFUA_1)) {
                try (FileInputStream input = new FileInputStream(file);
                        PDFAParser parser = Foundries.defaultInstance().createParser(input, flavour)) {
                    ValidationResult result = Foundries.defaultInstance()
                            .createValidator(flavour, false).validate(parser);
                    System.out.println(flavour.getId() + " " + result.isCompliant() + " " + file);
                    for (TestAssertion failed : result.getTestAssertions()) {
                        System.out.println("  " + failed.getRuleId().getClause() + "-"
                                + failed.getRuleId().getTestNumber() + " " + failed.getMessage());
                    }
                }
            }
        }
    }
}
