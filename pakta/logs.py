"""What must not reach a log: the tokens in addresses."""

import logging
import re

# A personal link, receipt or wall, `/s/12-…`, `/bukti/12-…` and `/layar/12-…`, and a link for
# setting a password or for "Bukan saya": whoever reads one may use it.
_TOKEN = re.compile(
    r"(/(?:s|bukti|layar)/\d*)-?[0-9A-Za-z]+"
    r"|(/(?:akun/kata-sandi-baru|bukan-saya)/[0-9A-Za-z]+)-[0-9A-Za-z-]+"
)


class CutTokens(logging.Filter):
    """Keeps whose address it was and cuts the part that proves it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _TOKEN.sub(r"\1\2-…", record.getMessage()), None
        return True
