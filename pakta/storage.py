"""How static files are kept."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

_FROM = (r"""(?P<matched>\bfrom "(?P<url>\.{1,2}/[^"]+)")""", 'from "%(url)s"')


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Under hashed names, by which our own modules import each other too.

    Django's rule for all modules stumbles over what libraries write in their comments.
    """

    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("js/*.js", (_FROM,)))
