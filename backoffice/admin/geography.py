from django.contrib import admin

from backoffice.scoped_admin.admin import ScopedAdmin
from referrals.models import Area, Postcode, PostcodeDistrict


@admin.register(Area)
class AreaAdmin(ScopedAdmin):
    visible_when_empty = True
    read_only = True  # `import_areas` replaces them
    fields = ["name", "code", "boundary", "population", "source", "is_simplified"]
    export_columns = ["name", "code", "population", "is_simplified"]
    list_display = ["name", "code", "population", "is_simplified"]
    flags = {"is_simplified": (True, "Simplified")}
    search_fields = ["name", "code"]


@admin.register(Postcode)
class PostcodeAdmin(ScopedAdmin):
    only_operators = True
    read_only = True  # `import_postcodes` replaces them
    fields = ["code", "point", "district_code", "ward_code", "country_code", "terminated"]
    not_exported = "Public reference data: its publisher has the whole of it."
    list_display = ["__str__", "district_code", "terminated"]
    search_fields = ["code__startswith"]
    show_full_result_count = False
    ordering = ["code"]

    def get_search_results(self, request, queryset, search_term):
        return super().get_search_results(request, queryset, search_term.replace(" ", "").upper())


@admin.register(PostcodeDistrict)
class PostcodeDistrictAdmin(ScopedAdmin):
    only_operators = True
    read_only = True  # `import_postcodes` makes them
    fields = ["code", "point", "postcodes"]
    not_exported = "It follows from the postcodes."
    list_display = ["code", "postcodes"]
    search_fields = ["code__startswith"]
