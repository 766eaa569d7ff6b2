"""How files are kept, and static files."""

from collections.abc import Iterator

from django.core.files.storage import default_storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

_FROM = (r"""(?P<matched>\bfrom "(?P<url>\.{1,2}/[^"]+)")""", 'from "%(url)s"')


class StorageAway(OSError):
    """The store of files does not answer, or does not let us in; see `pakta.objects`."""


def names_in(folder: str) -> Iterator[str]:
    """The name of every file in the storage below `folder`, which ends in "/"; "" for all."""
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:  # nothing was ever stored there
        return
    for name in names:
        yield f"{folder}{name}"
    for name in folders:
        yield from names_in(f"{folder}{name}/")


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Under hashed names, by which our own modules import each other too.

    Django's rule for all modules stumbles over what libraries write in their comments.
    """

    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("js/*.js", (_FROM,)))
