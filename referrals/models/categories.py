from django.db import models
from django.db.models import F, Q

from referrals.models.networks import Network


class Category(models.Model):
    """What support is about: a tree, or a plain list, that belongs to a network."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="categories")
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        help_text="A service listed under the parent covers this one too.",
    )
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=120)
    position = models.PositiveSmallIntegerField(default=0, help_text="Lower comes first.")

    class Meta:
        verbose_name_plural = "categories"
        ordering = ["network", "position", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["network", "slug"],
                name="category_slug_once",
                violation_error_message="The network has a category with this short name already.",
            ),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("pk")),
                name="category_not_own_parent",
                violation_error_message="A category cannot be its own parent.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
