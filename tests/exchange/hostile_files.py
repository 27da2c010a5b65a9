"""Files that were made to do harm, or look as if: bombs, lies about sizes, things that never end.

``python tests/exchange/hostile_files.py FOLDER`` writes them all.
"""

# ruff: noqa: E501  (what is written stands in one piece)
from __future__ import annotations

import io
import os
import random
import socket
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "readers"))

from made_files import ods, replace_part, xls, xlsx

Maker = Callable[[Path], Path]

ROWS: list[list] = [["animal", "group", "section", "Ki67 count"]] + [
    [f"m{k}", "control" if k % 2 else "HU", s, 10 + 3 * k + s] for k in range(8) for s in (1, 2)
]
TEXT = "\n".join(",".join(map(str, row)) for row in ROWS) + "\n"
SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
GOOD_MAPPING = """\
columns: {animal: animal, group: group, section: section}
constants: {day: 0, assay: x}
values:
- {column: Ki67 count, readout: Ki67, kind: count, unit: cells}
"""
MAKERS: dict[str, Maker] = {}


def hostile(name: str) -> Callable[[Maker], Maker]:
    def keep(maker: Maker) -> Maker:
        MAKERS[name] = maker
        return maker

    return keep


def _put(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def _book(folder: Path, **options: object) -> Path:
    return xlsx(folder / "a.xlsx", {"A": ROWS}, **options)


def stored(path: Path, inside: str, change: Callable[[bytes], bytes]) -> Path:
    """Change one part and pack nothing: a bomb that no ratio of packing gives away."""
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, change(data) if name == inside else data)
    return path


def part(name: str, inside: str, change: Callable[[bytes], bytes]) -> None:
    """A good workbook, one part of which is changed."""
    MAKERS[name] = lambda folder: stored(_book(folder), inside, change)


def text(name: str, data: bytes | str, file: str = "a.csv") -> None:
    MAKERS[name] = lambda folder: _put(folder, file, data)


def mapping(name: str, content: bytes | str) -> None:
    """A good table with a hostile mapping beside it."""

    def write(folder: Path) -> Path:
        _put(folder, "a.csv.soleus.yaml", content)
        return _put(folder, "a.csv", TEXT)

    MAKERS[name] = write


def before_end(data: bytes, more: bytes) -> bytes:
    return data.replace(b"</sheetData>", more + b"</sheetData>")


def cells(reference: str) -> bytes:
    row = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return f'<row r="{row}"><c r="{reference}"><v>1</v></c></row>'.encode()


# Workbooks -------------------------------------------------------------------------------------------------
LONG = b"x" * 30_000


def many_uses(strings: int, length: int, uses: int) -> Maker:
    def write(folder: Path) -> Path:
        # No string is too long, and all together are.
        path = _book(folder)
        extra = b"".join(b"<si><t>" + b"%08d" % k + b"x" * length + b"</t></si>" for k in range(strings))
        stored(path, STRINGS, lambda data: data.replace(b"</sst>", extra + b"</sst>"))
        at = 2 + sum(isinstance(c, str) for c in ROWS[0]) + 8
        rows = b"".join(
            b'<row r="%d"><c r="A%d" t="s"><v>%d</v></c></row>' % (100 + k, 100 + k, at + k % strings)
            for k in range(uses)
        )
        return stored(path, SHEET, lambda data: before_end(data, rows))

    return write


MAKERS["shared strings used often"] = many_uses(30, 30_000, 60_000)
MAKERS["many long shared strings"] = many_uses(4_000, 30_000, 4_000)
part(
    "a shared string of 300,000 letters",
    STRINGS,
    lambda d: d.replace(b"<si><t>m0<", b"<si><t>" + LONG * 10 + b"<"),
)
part(
    "a count of 10^12 strings", STRINGS, lambda d: d.replace(b'uniqueCount="', b'uniqueCount="9999999999999')
)
part(
    "a string that is not there",
    SHEET,
    lambda d: before_end(d, b'<row r="40"><c r="A40" t="s"><v>99999999</v></c></row>'),
)
part(
    "a string of number 10^30",
    SHEET,
    lambda d: before_end(d, b'<row r="40"><c r="A40" t="s"><v>' + b"9" * 31 + b"</v></c></row>"),
)
part(
    "two million empty strings",
    STRINGS,
    lambda d: d.replace(b"</sst>", b"<si><t/></si>" * 2_000_000 + b"</sst>"),
)
part(
    "dimension A1:XFD1048576",
    SHEET,
    lambda d: d.replace(b"<dimension ref=", b'<dimension ref="A1:XFD1048576" was='),
)
part("a cell in the last corner", SHEET, lambda d: before_end(d, cells("XFD1048576")))
part("cells in a desert", SHEET, lambda d: before_end(d, cells("D1048576")))
part(
    "a row of number 10^15", SHEET, lambda d: before_end(d, b'<row r="999999999999999"><c><v>1</v></c></row>')
)
part(
    "a row of a million digits",
    SHEET,
    lambda d: before_end(d, b'<row r="' + b"9" * 10**6 + b'"><c><v>1</v></c></row>'),
)
part(
    "four million empty cells",
    SHEET,
    lambda d: before_end(d, b'<row r="40">' + b"<c/>" * 4_000_000 + b"</row>"),
)
part("fifteen million elements", SHEET, lambda d: before_end(d, b"<x/>" * 15_000_000))
part(
    "a tag of a million attributes",
    SHEET,
    lambda d: before_end(d, b"<row " + b" ".join(b'a%d=""' % k for k in range(10**6)) + b"/>"),
)
part(
    "tags of many attributes",
    SHEET,
    lambda d: before_end(d, (b"<row " + b" ".join(b'a%d=""' % k for k in range(9000)) + b"/>") * 900),
)
part("3,000,000 elements deep", SHEET, lambda d: before_end(d, b"<a>" * 3_000_000))
part("a comment of 20 MB", SHEET, lambda d: before_end(d, b"<!--" + b"x" * 20_000_000 + b"-->"))
part(
    "a cell of 10 MB",
    SHEET,
    lambda d: before_end(
        d, b'<row r="40"><c r="A40" t="inlineStr"><is><t>' + b"x" * 10**7 + b"</t></is></c></row>"
    ),
)
part(
    "a number of a million digits",
    SHEET,
    lambda d: before_end(d, b'<row r="40"><c r="A40"><v>' + b"9" * 10**6 + b"</v></c></row>"),
)
part(
    "a million merged ranges over all",
    SHEET,
    lambda d: d.replace(
        b"</worksheet>",
        b"<mergeCells>" + b'<mergeCell ref="A1:XFD1048576"/>' * 10**6 + b"</mergeCells></worksheet>",
    ),
)
part(
    "merged columns of a million rows",
    SHEET,
    lambda d: before_end(d, b"").replace(
        b"</worksheet>",
        b"<mergeCells>" + b'<mergeCell ref="A1:A1048576"/>' * 10**5 + b"</mergeCells></worksheet>",
    ),
)
part("a million hidden rows", SHEET, lambda d: before_end(d, b'<row hidden="1"/>' * 10**6))
part(
    "entities",
    SHEET,
    lambda d: d.replace(
        b"?>", b'?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "' + b"&a;" * 50 + b'">]>', 1
    ),
)
part(
    "entities in the strings",
    STRINGS,
    lambda d: d.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>', 1),
)
part(
    "10^6 sheets",
    "xl/workbook.xml",
    lambda d: d.replace(
        b"</sheets>",
        b"".join(b'<sheet name="s%d" sheetId="9" r:id="rId1"/>' % k for k in range(10**5)) + b"</sheets>",
    ),
)
part(
    "a million formats",
    "xl/styles.xml",
    lambda d: d.replace(b"<cellXfs", b"<cellXfs>" + b'<xf numFmtId="14"/>' * 10**6 + b"</cellXfs><was"),
)
part(
    "a format that backtracks",
    "xl/styles.xml",
    lambda d: d.replace(
        b"<fonts", b'<numFmts><numFmt numFmtId="9" formatCode="' + b"&quot;[" * 9000 + b'"/></numFmts><fonts'
    ),
)
part("a sheet of NUL bytes", SHEET, lambda d: d.replace(b"<sheetData>", b"<sheetData>\0\0"))
part("a sheet in a false encoding", SHEET, lambda d: d.replace(b'encoding="UTF-8"', b'encoding="UTF-32"'))
part(
    "a relation out of the file",
    "xl/_rels/workbook.xml.rels",
    lambda d: d.replace(b"worksheets/sheet1.xml", b"../../../../etc/passwd"),
)


@hostile("zip bomb")
def zip_bomb(folder: Path) -> Path:
    return replace_part(_book(folder), SHEET, lambda d: d + b" " * 300_000_000)


@hostile("zip bomb below the ratio")
def slow_bomb(folder: Path) -> Path:
    noise = random.Random(1).randbytes(3_000)
    return replace_part(
        _book(folder),
        SHEET,
        lambda d: d + b"".join(noise.hex().encode() + b" " * 600_000 for _ in range(300)),
    )


@hostile("zip that promises less than it holds")
def lying_zip(folder: Path) -> Path:
    path = zip_bomb(folder)
    data = bytearray(path.read_bytes())
    at = data.rindex(SHEET.encode()) - 46
    struct.pack_into("<I", data, at + 24, 5000)
    return _put(folder, "a.xlsx", bytes(data))


@hostile("zips within zips")
def nested(folder: Path) -> Path:
    data = b" " * 10_000_000
    for _ in range(6):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for k in range(8):
                archive.writestr(f"{k}.zip", data)
        data = made.getvalue()
    return _put(folder, "a.xlsx", data)


@hostile("a zip of 300,000 parts")
def many_parts(folder: Path) -> Path:
    path = folder / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<a/>")
    entry = path.read_bytes()
    start, end = entry.index(b"PK\x01\x02"), entry.index(b"PK\x05\x06")
    directory = entry[start:end] * 300_000
    tail = bytearray(entry[end:])
    struct.pack_into("<HHII", tail, 8, 65535, 65535, len(directory), start)
    return _put(folder, "a.xlsx", entry[:start] + directory + bytes(tail))


@hostile("a zip packed by LZMA with a dictionary of 4 GB")
def lzma_zip(folder: Path) -> Path:
    path = folder / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("xl/workbook.xml", "<a/>" * 100)
    data = bytearray(path.read_bytes())
    at = data.index(b"xl/workbook.xml") + len("xl/workbook.xml") + 5
    struct.pack_into("<I", data, at, 0xFFFFFFFF)
    return _put(folder, "a.xlsx", bytes(data))


@hostile("a workbook cut in half")
def half(folder: Path) -> Path:
    path = _book(folder)
    return _put(folder, "a.xlsx", path.read_bytes()[: path.stat().st_size // 2])


def content(name: str, extra: str) -> None:
    """OpenDocument."""
    MAKERS[name] = lambda folder: ods(folder / "a.ods", {"A": ROWS}, extra=extra)


FILLED = 'office:value-type="float" office:value="1"'
ROW = "<table:table-row>{}</table:table-row>"
content(
    ".ods: 10^9 filled columns",
    ROW.format(f'<table:table-cell table:number-columns-repeated="1000000000" {FILLED}/>'),
)
content(
    ".ods: 10^9 empty columns", ROW.format('<table:table-cell table:number-columns-repeated="1000000000"/>')
)
content(
    ".ods: 10^9 filled rows",
    f'<table:table-row table:number-rows-repeated="1000000000"><table:table-cell {FILLED}/></table:table-row>',
)
content(
    ".ods: repeats of a hundred digits",
    ROW.format(f'<table:table-cell table:number-columns-repeated="{"9" * 100}" {FILLED}/>'),
)
content(
    ".ods: merged over all",
    ROW.format(
        f'<table:table-cell table:number-columns-spanned="999999999" table:number-rows-spanned="999999999" {FILLED}/>'
        * 20_000
    ),
)
content(
    ".ods: 10^9 blanks in a cell",
    ROW.format(
        '<table:table-cell office:value-type="string"><text:p><text:s text:c="999999999"/></text:p></table:table-cell>'
    ),
)
content(".ods: a million cells deep", ROW.format("<table:table-cell><table:table>" * 100_000 + "x"))
content(".ods: three million cells", ROW.format(f"<table:table-cell {FILLED}/>" * 300) * 10_000)


@hostile(".ods: entities")
def ods_entities(folder: Path) -> Path:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>'
    return replace_part(
        ods(folder / "a.ods", {"A": ROWS}), "content.xml", lambda d: d.replace(b'<?xml version="1.0"?>', bomb)
    )


def old(name: str, change: Callable[[bytearray], None]) -> None:
    """An .xls whose bytes are changed."""

    def write(folder: Path) -> Path:
        data = bytearray(xls(folder / "a.xls").read_bytes())
        change(data)
        return _put(folder, "a.xls", bytes(data))

    MAKERS[name] = write


def noisy(seed: int) -> Callable[[bytearray], None]:
    def change(data: bytearray) -> None:
        rng = random.Random(seed)
        for _ in range(40):
            data[rng.randrange(512, len(data))] = rng.randrange(256)

    return change


for seed in range(4):
    old(f".xls with bad records {seed}", noisy(seed))
old(
    ".xls whose sectors run in a circle",
    lambda d: d.__setitem__(slice(512, 1024), struct.pack("<128I", *([1, 0] * 64))),
)
old(".xls of 10^9 sectors", lambda d: struct.pack_into("<I", d, 44, 10**9))
old(".xls of tiny sectors", lambda d: struct.pack_into("<H", d, 30, 60))

# Text ------------------------------------------------------------------------------------------------------
text("a million columns", ",".join(f"c{k}" for k in range(10**6)) + "\n" + ",".join(["1"] * 10**6) + "\n")
text(
    "20,000 columns",
    "animal,group,"
    + ",".join(f"c{k} count" for k in range(20_000))
    + "\n"
    + "".join(f"m{a},{'control' if a % 2 else 'HU'}," + ",".join(["7"] * 20_000) + "\n" for a in range(6)),
)
text("a cell of 10 MB in text", TEXT + "m1,control,3," + "x" * 10**7 + "\n")
text("a quoted cell of 10 MB", TEXT + 'm1,control,3,"' + "x" * 10**7 + '"\n')
text("a number of a million digits in text", TEXT + "m1,control,3," + "9" * 100_000 + "\n")
text("an exponent of a thousand digits", TEXT + "m1,control,3,1e" + "9" * 1000 + "\n")
text("100 MB of line ends", "animal,group,Ki67\n" + "\n" * 100_000_000)
text("30 million commas", "animal,group,Ki67\n" + ("," * 1000 + "\n") * 30_000)
text("5 million short rows", "animal,group,Ki67 count\n" + "m1,control,3\n" * 5_000_000)
text("quotes that never close", TEXT + '"' * 999_999)
text("NUL bytes", TEXT.encode() + b"\0" * 1000 + TEXT.encode())
text("UTF-16 without a mark", TEXT.encode("utf-16-le"))
text("half a UTF-16 letter", TEXT.encode("utf-16")[:-1])
text("UTF-16 of lone surrogates", b"\xff\xfe" + b"\x00\xd8,\x00" * 5000)
text("cut in a row", TEXT[:-8])
text("an animal of 100,000 letters", TEXT.replace("m1,", "m" * 100_000 + ","))
text("a read-out of 20,000 letters", TEXT.replace("Ki67", "Ki67" * 5000))
text(
    "read-outs of one file name", TEXT.replace("section", "Ki67+ count").replace("Ki67 count", "Ki67- count")
)
text(
    "20,000 groups",
    "animal,group,Ki67 count\n" + "".join(f"m{k},g{k // 2},{k % 50}\n" for k in range(40_000)),
)
text("noise", random.Random(2).randbytes(2_000_000))
text("gzip", zlib.compress(b"x" * 10**6, 9, 31))

# Instruments -----------------------------------------------------------------------------------------------
MARKERS = "<?xml version='1.0'?>\n<CellCounter_Marker_File><Image_Properties><Image_Filename>M01_s1.tif</Image_Filename></Image_Properties><Marker_Data><Marker_Type><Type>1</Type>{}</Marker_Type></Marker_Data></CellCounter_Marker_File>"
MARKER = "<Marker><MarkerX>1</MarkerX><MarkerY>2</MarkerY></Marker>"
PRISM = '<?xml version="1.0"?>\n<GraphPadPrismFile><Table XFormat="none" YFormat="replicates"><Title>T</Title><YColumn Subcolumns="1"><Title>A</Title><Subcolumn>{}</Subcolumn></YColumn></Table></GraphPadPrismFile>'
text("Cell Counter: 3,000,000 deep", MARKERS.format("<a>" * 3_000_000), "a.xml")
text("Cell Counter: 3,000,000 elements", MARKERS.format("<a/>" * 3_000_000), "a.xml")
text("Cell Counter: 400,000 markers", MARKERS.format(MARKER * 400_000), "a.xml")
text(
    "Cell Counter: a million attributes",
    MARKERS.format("<a " + " ".join(f'a{k}=""' for k in range(10**6)) + "/>"),
    "a.xml",
)
text(
    "Cell Counter: entities",
    '<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>'
    + MARKERS.partition("\n")[2].format("&a;"),
    "a.xml",
)
text("Prism: 500,000 deep", PRISM.format("<d>" * 500_000), "a.pzfx")
text("Prism: a number of a million digits", PRISM.format("<d>" + "9" * 10**6 + "</d>"), "a.pzfx")
text("Prism: 600,000 values", PRISM.format("<d>1.5</d>" * 600_000), "a.pzfx")
QUPATH = "Image\tObject ID\tObject type\tName\tClassification\tParent\n"
text(
    "QuPath: names of a megabyte",
    QUPATH + "".join(f"{'M' * 10**6}{k}.tif\t{k}\tCell\t\tKi67\tSVZ\n" for k in range(8)),
    "a.tsv",
)
text(
    "QuPath: 200,000 images",
    QUPATH + "".join(f"M{k % 9}_s{k}.tif\t{k}\tCell\t\tKi67\tSVZ\n" for k in range(200_000)),
    "a.tsv",
)
text(
    "QuPath: classes of many names",
    QUPATH + "".join(f"M{k % 9}_s{k % 3}.tif\t{k}\tCell\t\tC{k}: D{k}\tSVZ\n" for k in range(20_000)),
    "a.tsv",
)
text("FlowJo: gates 10,000 deep", ",Count,Cells" + "/a" * 10_000 + " | Count\nHU_M01,100,50\nC_M02,90,40\n")
text(
    "FlowJo: 5,000 gates",
    ","
    + ",".join(f"Cells/g{k} | Count" for k in range(5000))
    + "\n"
    + "".join(f"HU_M0{a}," + ",".join(["7"] * 5000) + "\n" for a in range(4)),
)


def patterned(name: str, pattern: str) -> None:
    """A QuPath export with a pattern in its mapping."""

    def write(folder: Path) -> Path:
        _put(folder, "a.tsv.soleus.yaml", f"{GOOD_MAPPING}pattern: '{pattern}'\n")
        image = "M" + "0" * 200
        return _put(
            folder, "a.tsv", QUPATH + "".join(f"{image}{k}.tif\t{k}\tCell\t\tKi67\tSVZ\n" for k in range(9))
        )

    MAKERS[name] = write


patterned("a pattern that backtracks", "(?P<animal>(M|0|00|000)+)+x")
patterned("a pattern of polynomial time", "(?P<animal>.*.*.*.*.*.*.*.*)q")
patterned("a pattern of a thousand brackets", "(" * 450 + "(?P<animal>M)" + ")" * 450)
patterned("a pattern that repeats 10^12 times", "(?P<animal>M{999999999999})")

# Mappings --------------------------------------------------------------------------------------------------
mapping("YAML: a number in base 60", GOOD_MAPPING + "header_row: 1" + ":59" * 300_000 + "\n")
mapping("YAML: a float in base 60", GOOD_MAPPING + "header_row: 1" + ":59" * 300_000 + ".5\n")
mapping("YAML: a number of a million digits", GOOD_MAPPING + "header_row: " + "9" * 10**6 + "\n")
mapping("YAML: a hexadecimal number", GOOD_MAPPING + "header_row: 0x" + "f" * 10**6 + "\n")
mapping("YAML: a binary number", GOOD_MAPPING + "header_row: 0b" + "1" * 10**6 + "\n")
mapping("YAML: 1e999999999", GOOD_MAPPING.replace("day: 0", "day: 1.0e+999999999"))
mapping(
    "YAML: laughs",
    "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"{chr(98 + k)}: &{chr(98 + k)} [{','.join(['*' + chr(97 + k)] * 9)}]\n" for k in range(9)),
)
mapping("YAML: an anchor in itself", "columns: &a {animal: *a}\n")
mapping("YAML: 300,000 brackets", "columns: " + "[" * 300_000)
mapping("YAML: 400,000 dashes", "- " * 400_000)
mapping("YAML: 300,000 values", "values:\n" + "- 1\n" * 250_000)
mapping("YAML: Python", "columns: !!python/object/apply:os.system ['touch harm']\n")
mapping("YAML: tags of false values", "columns: {animal: !!timestamp x, group: !!bool y, day: !!int ''}\n")
mapping("YAML: a list for a name", "? [a, b]\n: 1\n")
mapping("YAML: a word of a megabyte", GOOD_MAPPING.replace("animal: animal", "animal: " + "x" * 900_000))
mapping("YAML: quotes that never close", 'columns: "' + "\\" * 900_000)
mapping("YAML: NUL bytes", b"columns: \0\0\0")
mapping("YAML: 2 MB", "#\n" * 1_000_000)
mapping("YAML: a million merges", "<<: {a: 1}\n" * 80_000)


@hostile("a mapping that is a pipe")
def mapping_pipe(folder: Path) -> Path:
    os.mkfifo(folder / "m.yaml")
    return _put(folder, "a.csv", TEXT)


# What is no file -------------------------------------------------------------------------------------------
for device in ("/dev/zero", "/dev/stdin", "/dev/random", "/dev/full"):
    MAKERS[device] = lambda folder, device=device: Path(device)


@hostile("a pipe")
def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "a.csv")
    return folder / "a.csv"


@hostile("a socket")
def a_socket(folder: Path) -> Path:
    made = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(folder)  # the name of a socket may have 107 letters
    made.bind("a.csv")
    os.chdir(here)
    made.close()
    return folder / "a.csv"


@hostile("a link to itself")
def loop(folder: Path) -> Path:
    (folder / "a.csv").symlink_to(folder / "a.csv")
    return folder / "a.csv"


@hostile("a link to /dev/zero")
def link(folder: Path) -> Path:
    (folder / "a.csv").symlink_to("/dev/zero")
    return folder / "a.csv"


@hostile("an empty folder")
def empty_folder(folder: Path) -> Path:
    return folder


@hostile("a folder of pipes")
def folder_of_pipes(folder: Path) -> Path:
    for k in range(3):
        os.mkfifo(folder / f"{k}.xml")
    return folder


@hostile("a name of 5,000 letters")
def long_name(folder: Path) -> Path:
    return folder / ("a" * 5000)


@hostile("a file of holes")
def holes(folder: Path) -> Path:
    path = folder / "a.csv"
    with path.open("wb") as file:
        file.write(TEXT.encode())
        file.truncate(2**33)
    return path


def made(name: str, folder: Path) -> tuple[Path, list[str]]:
    """Write one of the files; return its path and the options to read it with."""
    folder.mkdir(parents=True)
    path = MAKERS[name](folder)
    return path, ["--mapping", str(folder / "m.yaml")] if (folder / "m.yaml").exists() else []


if __name__ == "__main__":
    for number, one in enumerate(MAKERS):
        made(one, Path(sys.argv[1]) / str(number))
