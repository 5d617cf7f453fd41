"""What browsers send of the forms of admins."""

from django.urls import reverse


def url(name: str, page: str, *args) -> str:
    return reverse(f"backoffice:referrals_{name}_{page}", args=args)


def lines(prefix: str, *rows: dict) -> dict:
    """Return what a browser sends of lines such as those of opening hours."""
    data = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
    return data | {f"{prefix}-{n}-{key}": value for n, row in enumerate(rows) for key, value in row.items()}


def service_data(tenant, **changes) -> dict:
    return {
        "organisation": tenant.asked.pk,
        "network": tenant.network.pk,
        "activity": tenant.activity.name,
        "categories": [tenant.category.pk],
        "capacity": 5,
        "pathways": ["self", "gp"],
        "cost": "charged",
        "cost_note": "£3 a bag",
        "is_confirmed": "on",
        "age_from": 60,
        **lines("hours", {"days": [0, 1], "opens": "09:00", "closes": "17:00"}),
        **lines("exceptions"),
        **changes,
    }
