import gzip

import pytest

from referrals.importers.errors import ImportRefusedError
from referrals.importers.postcode_files import find_csv_files
from referrals.tests.importers.postcode_samples import write, write_zip


def names_of(files) -> list[str]:
    return [file.name.split("/")[-1] for file in files]


def test_an_archive_is_read_in_its_data_folder_only(tmp_path):
    members = {"Data/CSV/b.csv": b"2", "Data/CSV/a.csv": b"1", "Doc/headers.csv": b"x", "Doc/licence.txt": b"x"}
    files = find_csv_files([write_zip(tmp_path / "codepo.zip", members)])
    assert names_of(files) == ["a.csv", "b.csv"]
    with files[0].reading() as stream:
        assert stream.read() == b"1"


def test_the_copy_by_postcode_area_is_ignored_when_the_whole_file_is_there(tmp_path):
    members = {"Data/ONSPD.csv": b"1", "Data/multi_csv/ONSPD_AB.csv": b"1", "Documents/names.csv": b"x"}
    assert names_of(find_csv_files([write_zip(tmp_path / "a.zip", members)])) == ["ONSPD.csv"]
    del members["Data/ONSPD.csv"]
    assert names_of(find_csv_files([write_zip(tmp_path / "b.zip", members)])) == ["ONSPD_AB.csv"]


def test_a_folder_gives_its_csvs_and_archives_by_name(tmp_path):
    write(tmp_path / "b.csv.gz", b"2")
    write(tmp_path / "deeper" / "c.CSV", b"3")
    write(tmp_path / "read.me", b"x")
    write_zip(tmp_path / "a.zip", {"one.csv": b"1"})
    files = find_csv_files([tmp_path])
    assert names_of(files) == ["a.zip: one.csv", "b.csv.gz", "c.CSV"]
    with files[1].reading() as stream:
        assert stream.read() == b"2"


def test_the_kind_of_a_file_is_recognised_by_its_content(tmp_path):
    gzipped = write(tmp_path / "plain.csv.gz", b"inside").rename(tmp_path / "table.csv")
    archive = write_zip(tmp_path / "one.zip", {"x.csv.gz": gzip.compress(b"inside")}).rename(tmp_path / "two.csv")
    contents = []
    for file in find_csv_files([gzipped, archive]):
        with file.reading() as stream:
            contents.append(stream.read())
    assert contents == [b"inside", b"inside"]


def test_reading_counts_the_bytes_that_the_size_promised(tmp_path):
    [file] = find_csv_files([write(tmp_path / "a.csv.gz", b"row\n" * 50_000)])
    counted = []
    with file.reading(counted.append) as stream:
        stream.read()
    assert sum(counted) == file.size


def test_a_path_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ImportRefusedError, match=r"There is no file or folder .*missing\.csv"):
        find_csv_files([tmp_path / "missing.csv"])


@pytest.mark.parametrize("kind", ["folder", "archive"])
def test_a_place_without_csv_is_refused(tmp_path, kind):
    write(tmp_path / "notes.txt", b"x")
    path = tmp_path if kind == "folder" else write_zip(tmp_path / "a.zip", {"notes.txt": b"x"})
    with pytest.raises(ImportRefusedError, match=f"The {kind} .* has no CSV files"):
        find_csv_files([path])


def test_an_archive_that_is_cut_off_is_refused(tmp_path):
    whole = write_zip(tmp_path / "a.zip", {"a.csv": b"row\n" * 1000}).read_bytes()
    with pytest.raises(ImportRefusedError, match="cut off or damaged"):
        find_csv_files([write(tmp_path / "b.zip", whole[: len(whole) // 2])])


def test_a_damaged_member_is_refused_as_it_is_read(tmp_path):
    content = bytearray(write_zip(tmp_path / "a.zip", {"a.csv": b"some rows\n" * 1000}).read_bytes())
    content[45:55] = b"0123456789"
    [file] = find_csv_files([write(tmp_path / "b.zip", bytes(content))])
    with pytest.raises(ImportRefusedError, match=r"a\.csv cannot be read to its end"), file.reading() as stream:
        stream.read()


def test_a_gzipped_file_that_is_cut_off_is_refused_as_it_is_read(tmp_path):
    whole = gzip.compress(b"a row of some length\n" * 1000)
    (tmp_path / "a.csv").write_bytes(whole[:-20])
    [file] = find_csv_files([tmp_path / "a.csv"])
    with pytest.raises(ImportRefusedError, match=r"a\.csv cannot be read to its end"), file.reading() as stream:
        stream.read()
