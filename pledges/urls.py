"""Routes: signers, organisers, the public. `docs/roles.md` has a row for each."""

from django.urls import URLPattern, include, path, re_path

from pledges.views.organiser import (
    agency,
    downloads,
    events,
    imports,
    officers,
    people,
    progress,
    publication,
    roster,
    slips,
    texts,
)
from pledges.views.public import home, verify
from pledges.views.signer import identify, pledge, receipt

public_urls: list[URLPattern] = [
    path("", home.home, name="home"),
    path("verifikasi", verify.verify, name="verify"),
    path("v/<str:code>", verify.verdict, name="verdict"),
    path("v/<str:code>/cocokkan", verify.match, name="match"),
    path("segel", verify.seal, name="seal"),
    re_path(r"^segel/(?P<fingerprint>[0-9a-f]{64})\.pem$", verify.certificate, name="certificate"),
]

signer_urls: list[URLPattern] = [
    path("s/<str:token>", identify.personal_link, name="link"),
    path("a/<str:code>", identify.event_address, name="event"),
    path("tandatangan", pledge.submit, name="submit"),
    re_path(r"^lambang/(?P<digest>[0-9a-f]{64})\.png$", pledge.logo, name="logo"),
    path("bukti/<str:token>", receipt.receipt, name="receipt"),
    path("bukti/<str:token>/status", receipt.receipt_status, name="status"),
    path("bukti/<str:token>/pakta.pdf", receipt.document, name="document"),
]

organiser_urls: list[URLPattern] = [
    path("", events.event_list, name="events"),
    path("acara/baru", events.new_event, name="new_event"),
    path("acara/<str:code>/", events.event, name="event"),
    path("acara/<str:code>/data", events.facts, name="facts"),
    path("acara/<str:code>/naskah", texts.text_list, name="texts"),
    path("acara/<str:code>/naskah/<int:pk>", texts.text, name="text"),
    path("acara/<str:code>/naskah/<int:pk>/pratinjau", texts.preview, name="preview"),
    path("acara/<str:code>/naskah/<int:pk>/ubah", texts.change_text, name="change_text"),
    path("acara/<str:code>/terbitkan", publication.publish, name="publish"),
    path("acara/<str:code>/kembali-ke-rancangan", publication.unpublish, name="unpublish"),
    path("acara/<str:code>/tutup", publication.close, name="close"),
    path("acara/<str:code>/buka-lagi", publication.reopen, name="reopen"),
    path("acara/<str:code>/qr.<str:kind>", publication.event_qr, name="event_qr"),
    path("acara/<str:code>/progres", progress.units, name="progress"),
    path("acara/<str:code>/progres/orang", progress.people, name="people"),
    path("acara/<str:code>/progres/daftar.xlsx", progress.people_list, name="people_list"),
    path("acara/<str:code>/orang/<int:pk>/pakta.pdf", downloads.document, name="document"),
    path("acara/<str:code>/unduhan", downloads.page, name="downloads"),
    path("acara/<str:code>/unduhan/semua.zip", downloads.archive, name="archive"),
    path("acara/<str:code>/unduhan/unit-<int:pk>.zip", downloads.archive, name="unit_archive"),
    path("instansi/<int:pk>", agency.agency, name="agency"),
    path("instansi/<int:pk>/lambang", agency.agency_logo, name="agency_logo"),
    path("acara/<str:code>/daftar", roster.roster, name="roster"),
    path("acara/<str:code>/daftar/impor", imports.new_import, name="new_import"),
    path("acara/<str:code>/daftar/impor/<int:pk>", imports.import_page, name="import"),
    path(
        "acara/<str:code>/daftar/impor/<int:pk>/kemajuan",
        imports.import_progress,
        name="import_progress",
    ),
    path(
        "acara/<str:code>/daftar/impor/<int:pk>/lanjutkan",
        imports.import_again,
        name="import_again",
    ),
    path(
        "acara/<str:code>/daftar/impor/<int:pk>/kolom",
        imports.import_choose,
        name="import_choose",
    ),
    path(
        "acara/<str:code>/daftar/impor/<int:pk>/masukkan",
        imports.import_confirm,
        name="import_confirm",
    ),
    path(
        "acara/<str:code>/daftar/impor/<int:pk>/batal",
        imports.import_cancel,
        name="import_cancel",
    ),
    path(
        "acara/<str:code>/daftar/impor/<int:pk>/perbaiki.xlsx",
        imports.import_faulty,
        name="import_faulty",
    ),
    path("acara/<str:code>/orang/baru", people.new_person, name="new_person"),
    path("acara/<str:code>/orang/<int:pk>", people.person, name="person"),
    path("acara/<str:code>/orang/<int:pk>/kode", people.reveal, name="reveal"),
    path("acara/<str:code>/orang/<int:pk>/keluarkan", people.withdraw, name="withdraw"),
    path("acara/<str:code>/orang/<int:pk>/pulihkan", people.restore, name="restore"),
    path("acara/<str:code>/slip", slips.slip_list, name="slips"),
    path("acara/<str:code>/slip/<int:pk>-<int:part>.pdf", slips.slip_pdf, name="slip_pdf"),
    path("acara/<str:code>/petugas", officers.officer_list, name="officers"),
    path("acara/<str:code>/petugas/undang", officers.invite, name="invite"),
    path("acara/<str:code>/petugas/berkas", officers.officers_file, name="officers_file"),
    path("acara/<str:code>/petugas/undang-semua", officers.invite_all, name="invite_all"),
    path(
        "acara/<str:code>/petugas/<int:pk>/kirim-lagi", officers.invite_again, name="invite_again"
    ),
    path("acara/<str:code>/petugas/<int:pk>/cabut", officers.remove_role, name="remove_role"),
]

urlpatterns = [
    path("", include((public_urls, "public"))),
    path("", include((signer_urls, "signer"))),
    path("kelola/", include((organiser_urls, "organiser"))),
]
