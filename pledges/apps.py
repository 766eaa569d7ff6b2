from django.apps import AppConfig


class PledgesConfig(AppConfig):
    name = "pledges"
    verbose_name = "Pakta"

    def ready(self) -> None:
        # Registers itself; it needs the models, which are there only now.
        from pledges import checks  # noqa: F401
