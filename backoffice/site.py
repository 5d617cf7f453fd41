from django.contrib import admin


class BackofficeSite(admin.AdminSite):
    site_title = "Referral Networks"
    site_header = "Referral Networks"
    index_title = "Back office"
    name = "backoffice"
