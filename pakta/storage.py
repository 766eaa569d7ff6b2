"""How files are kept, and static files."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

_FROM = (r"""(?P<matched>\bfrom "(?P<url>\.{1,2}/[^"]+)")""", 'from "%(url)s"')


class StorageAway(OSError):
    """The store of files does not answer, or does not let us in; see `pakta.objects`."""


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Under hashed names, by which our own modules import each other too.

    Django's rule for all modules stumbles over what libraries write in their comments.
    """

    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("js/*.js", (_FROM,)))
