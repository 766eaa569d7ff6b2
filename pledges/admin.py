"""The superuser's support views: everything can be looked up, next to nothing changed.

What changes an event, a role or a signature goes through the organiser's pages, where it
is checked and recorded. Only the first agency of a government is made here, and its login.
"""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth.models import User
from django.db import models, transaction
from django.forms import Form, ModelChoiceField, ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from pledges import agencies, audit, events, logins
from pledges.agencies import CannotMove
from pledges.events import NotDeletable
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


class MoveForm(Form):
    """Below which unit another one shall be."""

    above = ModelChoiceField(
        label="Pindahkan ke bawah",
        queryset=Agency.objects.all(),
        widget=AutocompleteSelect(LoginProvider._meta.get_field("agency"), site),
    )


@admin.register(Agency, site=site)
class AgencyAdmin(ReadOnly):
    """The first agency of a government is made here; its units come with the rosters, and one
    that came under the wrong one is moved here."""

    list_display = ["name", "depth", "city", "timezone"]
    search_fields = ["name"]
    ordering = ["path"]
    fields = ["name", "address", "city", "timezone", "place"]
    pages = ("_changelist", "_change", "_history", "_add")

    def get_fields(self, request: HttpRequest, obj: Agency | None = None) -> Any:
        return self.fields if obj else self.fields[:-1]

    @admin.display(description="letak")
    def place(self, agency: Agency) -> str:
        above = " › ".join(unit.name for unit in Agency.objects.get_ancestors(agency))
        if not above:
            return "pemerintah"
        move = reverse("admin:pledges_agency_move", args=[agency.pk])
        return format_html('{} · <a href="{}">Pindahkan…</a>', above, move)

    def get_urls(self) -> list[URLPattern]:
        move = path("<int:pk>/pindah/", site.admin_view(self.move), name="pledges_agency_move")
        return [move, *super().get_urls()]

    def move(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks below which unit; waits for those who are signing at the moment."""
        unit = get_object_or_404(Agency, pk=pk)
        form = MoveForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            above = form.cleaned_data["above"]
            try:
                agencies.move(unit, above=above, by=user_of(request))
            except CannotMove as error:
                form.add_error("above", str(error))
            else:
                messages.success(request, f"{unit.name} kini berada di bawah {above.name}.")
                return redirect("admin:pledges_agency_change", unit.pk)
        context = site.each_context(request) | {
            "title": f"Pindahkan {unit.name}",
            "unit": unit,
            "form": form,
            "opts": Agency._meta,
            "media": form.media,
        }
        return render(request, "admin/agency_move.html", context)

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
        "retention_years",
        "purged_at",
        "deleting",
    ]

    @admin.display(description="menghapus")
    def deleting(self, event: Event) -> str:
        """Nothing is deleted here; this says where, or why not."""
        try:
            events.require_deletable(event)
        except NotDeletable as error:
            return str(error)
        return "Di halaman acaranya: Hapus rancangan."


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
    list_display = ["sha256", "event", "size", "sealed_at", "timestamped_at"]
    list_filter = [("timestamped_at", admin.EmptyFieldListFilter)]
    list_select_related = ["event"]
    search_fields = ["=sha256", "event__code"]
    fields = [
        "sha256",
        "event",
        "size",
        "sealed_at",
        "timestamped_at",
        "signature",
        "certificate",
    ]


@admin.register(SealCertificate, site=site)
class SealCertificateAdmin(ReadOnly):
    list_display = ["subject", "not_before", "not_after", "is_development", "fingerprint"]


@admin.register(AuditEntry, site=site)
class AuditEntryAdmin(ReadOnly):
    list_display = ["at", "actor", "action", "target", "event_id", "details"]
    search_fields = ["=actor", "=action", "=target", "=event_id"]
    ordering = ["-pk"]
