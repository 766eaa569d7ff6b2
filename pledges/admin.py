"""The superuser's support views: everything can be looked up, next to nothing changed.

What changes an event, a role or a signature goes through the organiser's pages, where it
is checked and recorded. Only the first agency of a government is made here, and its login.
"""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import models, transaction
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern

from pledges import audit, logins
from pledges.forms.logins import ProviderForm
from pledges.models import (
    Agency,
    AuditEntry,
    Document,
    Event,
    Import,
    LegalBasis,
    LoginProvider,
    Membership,
    SealCertificate,
    Signatory,
    Signature,
)
from pledges.views.guards import user_of


class SupportSite(admin.AdminSite):
    site_header = site_title = "Pakta"
    index_title = "Bantuan pengelola"

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_superuser

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Through the one page on which attempts are limited."""
        response: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return response


site = SupportSite()


class ReadOnly(admin.ModelAdmin[Any]):
    """A table to search and read. Its pages for changing things do not even exist."""

    show_full_result_count = False
    list_per_page = 50
    actions = None
    pages: tuple[str, ...] = ("_changelist", "_change", "_history")

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return site.has_permission(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        return [url for url in super().get_urls() if url.name and url.name.endswith(self.pages)]


@admin.register(Agency, site=site)
class AgencyAdmin(ReadOnly):
    """The first agency of a government is made here; its units come with the rosters."""

    list_display = ["name", "depth", "city", "timezone"]
    search_fields = ["name"]
    ordering = ["path"]
    fields = ["name", "address", "city", "timezone"]
    pages = ("_changelist", "_change", "_history", "_add")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return site.has_permission(request)

    @transaction.atomic
    def save_model(
        self, request: HttpRequest, obj: Agency, form: ModelForm[Agency], change: bool
    ) -> None:
        Agency.objects.add_root(instance=obj)
        audit.record(by=user_of(request), action="agency.create", target=obj)


@admin.register(LoginProvider, site=site)
class LoginProviderAdmin(ReadOnly):
    """An agency's own login is registered, changed and removed here. Its secret never shows."""

    form = ProviderForm
    list_display = ["name", "agency", "short_name", "nip_claim"]
    list_select_related = ["agency", "app"]
    search_fields = ["app__name", "app__provider_id", "agency__name"]
    autocomplete_fields = ["agency"]
    fields = ["agency", "name", "short_name", "server_url", "client_id", "secret", "nip_claim"]
    pages = ("_changelist", "_change", "_history", "_add", "_delete")

    @admin.display(description="nama")
    def name(self, provider: LoginProvider) -> str:
        return str(provider.app.name)

    @admin.display(description="nama pendek")
    def short_name(self, provider: LoginProvider) -> str:
        return str(provider.app.provider_id)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return site.has_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return site.has_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return site.has_permission(request)

    def save_model(
        self, request: HttpRequest, obj: LoginProvider, form: ProviderForm, change: bool
    ) -> None:
        logins.register(obj, form.registration, by=user_of(request))

    def delete_model(self, request: HttpRequest, obj: LoginProvider) -> None:
        logins.remove(obj, by=user_of(request))


@admin.register(Membership, site=site)
class MembershipAdmin(ReadOnly):
    list_display = ["user", "role", "agency", "invited_at"]
    list_filter = ["role"]
    list_select_related = ["user", "agency"]
    search_fields = ["user__email", "agency__name"]


@admin.register(User, site=site)
class UserAdmin(ReadOnly):
    list_display = ["email", "first_name", "is_active", "is_superuser", "last_login"]
    search_fields = ["email", "first_name", "last_name"]
    fields = ["email", "first_name", "is_active", "is_superuser", "last_login", "date_joined"]


@admin.register(LegalBasis, site=site)
class LegalBasisAdmin(ReadOnly):
    list_display = ["title", "valid_from", "revoked_on"]
    search_fields = ["title"]


@admin.register(Event, site=site)
class EventAdmin(ReadOnly):
    list_display = ["code", "title", "state", "date", "deadline", "agency"]
    list_filter = ["state", "is_example"]
    list_select_related = ["agency"]
    search_fields = ["code", "title", "agency__name"]
    fields = [
        "code",
        "title",
        "state",
        "date",
        "deadline",
        "agency",
        "is_example",
        "created_at",
        "published_at",
        "closed_at",
    ]


@admin.register(Import, site=site)
class ImportAdmin(ReadOnly):
    list_display = ["filename", "event", "state", "uploaded_at", "done", "total"]
    list_filter = ["state"]
    list_select_related = ["event"]
    search_fields = ["event__code", "filename"]
    fields = ["filename", "event", "state", "uploaded_at", "done", "total", "failure"]


@admin.register(Signatory, site=site)
class SignatoryAdmin(ReadOnly):
    """Numbers are masked; a NIK is never shown, nor is its cipher or hash."""

    list_display = ["number", "name", "identifier", "kind", "unit", "event"]
    list_filter = ["kind"]
    list_select_related = ["unit", "event"]
    search_fields = ["name", "=nip", "event__code"]
    fields = [
        *["event", "number", "name", "identifier", "kind", "unit", "position"],
        *["rank", "grade", "echelon", "generation", "withdrawn_at"],
    ]

    @admin.display(description="NIP/NIK")
    def identifier(self, person: Signatory) -> str:
        return person.masked_identifier


@admin.register(Signature, site=site)
class SignatureAdmin(ReadOnly):
    list_display = ["verification_code", "signatory", "signed_at", "is_late", "voided_at"]
    list_filter = ["is_late"]
    list_select_related = ["signatory"]
    search_fields = ["=verification_code", "=signatory__nip"]
    fields = [
        "verification_code",
        "signatory",
        "signed_at",
        "is_late",
        "voided_at",
        "pact",
        "void_reason",
    ]


@admin.register(Document, site=site)
class DocumentAdmin(ReadOnly):
    list_display = ["sha256", "event", "size", "sealed_at"]
    list_select_related = ["event"]
    search_fields = ["=sha256", "event__code"]
    fields = ["sha256", "event", "size", "sealed_at", "signature", "certificate"]


@admin.register(SealCertificate, site=site)
class SealCertificateAdmin(ReadOnly):
    list_display = ["subject", "not_before", "not_after", "is_development", "fingerprint"]


@admin.register(AuditEntry, site=site)
class AuditEntryAdmin(ReadOnly):
    list_display = ["at", "actor", "action", "target", "event_id", "details"]
    search_fields = ["=actor", "=action", "=target", "=event_id"]
    ordering = ["-pk"]
