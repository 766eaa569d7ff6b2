from allauth.account import views as account
from allauth.mfa.base import views as second_step
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from django.urls import include, path, re_path

from pledges.admin import site
from pledges.views import account as own

# Of allauth's pages only those that an invited organiser needs; its names are kept,
# because allauth looks its own pages up by them.
account_urls = [
    path("masuk", account.login, name="account_login"),
    path("keluar", account.logout, name="account_logout"),
    path("tidak-aktif", account.account_inactive, name="account_inactive"),
    path("kata-sandi", account.password_change, name="account_change_password"),
    path("lupa-kata-sandi", account.password_reset, name="account_reset_password"),
    path(
        "lupa-kata-sandi/terkirim",
        account.password_reset_done,
        name="account_reset_password_done",
    ),
    re_path(
        r"^kata-sandi-baru/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "kata-sandi-baru/tersimpan",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("masuk/kunci-sandi", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("masuk/langkah-kedua", second_step.authenticate, name="mfa_authenticate"),
    path("pastikan", account.reauthenticate, name="account_reauthenticate"),
    path("pastikan/kode", second_step.reauthenticate, name="mfa_reauthenticate"),
    path(
        "pastikan/kunci-sandi", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"
    ),
    path("dua-langkah", second_step.index, name="mfa_index"),
    path("dua-langkah/aplikasi", app.activate_totp, name="mfa_activate_totp"),
    path("dua-langkah/aplikasi/lepas", app.deactivate_totp, name="mfa_deactivate_totp"),
    path("dua-langkah/kunci-sandi", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("dua-langkah/kunci-sandi/tambah", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("dua-langkah/kunci-sandi/<int:pk>/nama", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path(
        "dua-langkah/kunci-sandi/<int:pk>/hapus",
        passkeys.remove_webauthn,
        name="mfa_remove_webauthn",
    ),
    path(
        "dua-langkah/kode-cadangan",
        recovery_codes.view_recovery_codes,
        name="mfa_view_recovery_codes",
    ),
    path(
        "dua-langkah/kode-cadangan/baru",
        recovery_codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "dua-langkah/kode-cadangan.txt",
        recovery_codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path("perangkat", own.where, name="account_sessions"),
]

urlpatterns = [
    path("", include("pledges.urls")),
    path("akun/", include(account_urls)),
    path("admin/", site.urls),
]
