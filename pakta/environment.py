"""Where settings come from: variables, and files that variables name."""

from django.core.exceptions import ImproperlyConfigured
from environ import FileAwareEnv
from environ.fileaware_mapping import FileAwareMapping


class _Variables(FileAwareMapping):
    """For each NAME there may be a NAME_FILE instead, as secrets of containers are given."""

    def __getitem__(self, name: str) -> str:
        try:
            value: str = super().__getitem__(name)
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name}_FILE: {error.filename} tidak dapat dibaca ({error.strerror})."
            ) from error
        # Editors end a file with a line break, which belongs to no secret.
        return value.rstrip("\r\n")


class Env(FileAwareEnv):
    ENVIRON = _Variables()
