"""Small files of each tabular format, made by the tests themselves."""

from __future__ import annotations

import base64
import io
import zipfile
import zlib
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

ODS_NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)
FAULTY = 'office:value-type="string" office:string-value="" calcext:value-type="error"'


def xlsx(path: Path, sheets: dict[str, list[list]], *, merges=(), hidden=(), formulas=None) -> Path:
    """Write a workbook; ``formulas`` maps (sheet, row, column) to a formula and its cached value."""
    import xlsxwriter

    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            if name in hidden:
                page.hide()
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    if cell is not None:
                        page.write(r, c, cell)
            for sheet, (top, left, bottom, right), text in merges:
                if sheet == name:
                    page.merge_range(top, left, bottom, right, text)
            for (sheet, r, c), (formula, value) in (formulas or {}).items():
                if sheet == name:
                    page.write_formula(r, c, formula, None, value)
    return path


def ods_cell(cell: object) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, (int, float)):
        return (
            f'<table:table-cell office:value-type="float" office:value="{cell}"><text:p>{cell}</text:p>'
            "</table:table-cell>"
        )
    text = str(cell)
    kind = FAULTY if text.startswith("#") else 'office:value-type="string"'
    return f"<table:table-cell {kind}><text:p>{escape(text)}</text:p></table:table-cell>"


def ods(path: Path, sheets: dict[str, list[list]], *, extra: str = "") -> Path:
    """Write an OpenDocument sheet; ``extra`` is put after the rows as it stands."""
    tables = ""
    for name, rows in sheets.items():
        body = "".join(f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in rows)
        tables += f"<table:table table:name={quoteattr(name)}>{body}{extra}</table:table>"
    content = (
        f'<?xml version="1.0"?><office:document-content {ODS_NAMES}><office:body><office:spreadsheet>'
        f"{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
    return path


def replace_part(path: Path, part: str, change) -> Path:
    """Rewrite one part of a zip file."""
    source = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, change(data) if name == part else data)
    return path


def xls(path: Path) -> Path:
    """Write a real .xls: visible sheet Counts, hidden sheets alt and Fehler (with #DIV/0! in D2)."""
    path.write_bytes(zlib.decompress(base64.b85decode("".join(_XLS.split()))))
    return path


_XLS = """
c-rk)T}TvB6h8OP?Ch@jvzi7PhzMDk2pUu`y8Vy_qS+rs1hwjbi_5G`D^w3<***qAPem_+FTGg3WKluA^$-~K5Cp+mk39tiJ*d+;
XYQ=KwS^mH8S@SI%)RHH`^}kq&$)MZUd&czChykG!8hmx4Hlg+7&$tDCG0gKfc=g`Rqr0c;`mrq2#0VXjQ~6>dmf}Ur1hQy33v3T
C;{GKIRT^4m$b}=6~u1#AtuO&4q;&INsP#wD9fRiJ*#3l$Z{>q+id-a<xbXIVcCJU8F3tDqkYXgR3smhjoep`Qosz4dBd7EsDWn`
$rr8)*ERsV?078kZ+6t{r7#7!cHO3B+Ob3is&Nsg;Iq>J@X5>8Ck?)SW%UA3|0Q1^ETF$8b%1ejP6-OcG=;bBCgPstn3X!6hBYu_
(1L3aOQgu4EJRHMy3FB(Y0txcqy{L#f+G*dO&iU-?Xl5O6T{-r;II`>rLd<bzHK`OcyAl-;XO$!WhWB}lN9YJ_8mbBt97Uqqw5S&
xf??yZ(}IqWGO{C1QlGb<dliv)<1vi<ICQG{^&{8jPqgO9vK_x4Z(qnGy(^gb5DRJ^)&N{Ei5lF>w2!&v8+Z*yf^jNs7lua+g#?}
CVb9T#;fSYocboLr#~FHU!Q&--Hi3=?zwZ-)32kG(1=Ia5RRv70$N0ixN)8EAnM(P+FIVSto?4A3CW1^-BIUa1uXFN1I`D*ZPDzA
Y)h)Sa$6d<G{q$fa0%wpmAzmtnz6^|n_w=3E!vrjSY!bfna3jYSR}KQutjH<MJvFfv5lcvG-e4Z7A?n@`YelHfJM(^(X%Y)CAB<X
+&-Eeil0td1^4JBa64bZN<^o~%GDa3qF{7}y;+67F{{$g`CrI+%8;d;56BRo1(-eJ$1CZ>hYue<eEbwb9m|?Jm;>tA5327v3s@HY
&m{jX4nh*I6#gmQ3l`pOI9pWwtb>5?xWqEYc;5>NNAc-4jKBc<F;aB=;?Fjb`##Ga82NoERP6H?i}CXhKmRK&r$D&
"""
