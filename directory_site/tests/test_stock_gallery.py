"""The collection of the CMS that the stock gallery is."""

import pytest
from wagtail.models import Collection

from referrals.services.pictures import STOCK_GALLERY, gallery_collection, stock_gallery
from referrals.tests.stock import stock_image

pytestmark = pytest.mark.django_db


def test_it_is_there_from_the_start_and_its_tree_is_sound():
    gallery = Collection.objects.get(name=STOCK_GALLERY)
    assert gallery.get_parent() == Collection.get_first_root_node()
    assert gallery_collection() == gallery
    assert Collection.find_problems() == ([], [], [], [], [])


def test_images_of_the_gallery_and_below_it_are_offered_and_no_others():
    table = stock_image("Table")
    below = stock_image("Bread")
    below.collection = gallery_collection().add_child(name="Food")
    below.save()
    stock_image("Elsewhere", collection="Elsewhere")
    assert list(stock_gallery()) == [below, table]


def test_a_gallery_that_was_thrown_away_offers_nothing_and_is_made_again():
    gallery_collection().delete()
    assert list(stock_gallery()) == []
    assert gallery_collection().name == STOCK_GALLERY
