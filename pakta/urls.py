from allauth.account import views as account
from django.urls import include, path, re_path

from pledges.admin import site

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
]

urlpatterns = [
    path("", include("pledges.urls")),
    path("akun/", include(account_urls)),
    path("admin/", site.urls),
]
