"""Travel files as organisations have them, each habit alone and several together, with the rows that must land.

A row that must land is written ``departure mode meaning km amount from>to``, with ``-`` for what is not known.
"""

# ruff: noqa: DTZ001 - travel exports hold wall-clock times, which have no zone

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from textwrap import dedent

import xlsxwriter
from xls_file import xls


@dataclass(frozen=True)
class Case:
    """One file: what habit it has, its name and content, the rows that land, what is left out by rule, what is not read."""

    habit: str
    name: str
    content: bytes
    lands: tuple[str, ...]
    excluded: dict[str, int] = field(default_factory=dict)
    rejected: int = 0


def text(
    habit: str, name: str, table: str, lands: str, *, encoding: str = "utf-8", rejected: int = 0, line: str = "\n",
    **excluded: int,
) -> Case:  # fmt: skip
    content = line.join([*dedent(table).strip("\n").split("\n"), ""]).encode(encoding)
    return Case(habit, name, content, _lines(lands), excluded, rejected)


def book(habit: str, name: str, rows: Sequence[Sequence[object]], lands: str, **excluded: int) -> Case:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"default_date_format": "yyyy-mm-dd"}) as workbook:
        sheet = workbook.add_worksheet("Resor")
        moment, clock = (
            workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
            workbook.add_format({"num_format": "hh:mm"}),
        )
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if isinstance(cell, datetime):
                    sheet.write_datetime(row, column, cell, moment)
                elif isinstance(cell, time):
                    sheet.write_datetime(row, column, cell, clock)
                elif cell is not None:
                    sheet.write(row, column, cell)
    return Case(habit, name, content.getvalue(), _lines(lands), excluded)


def _lines(lands: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in lands.strip().split("\n"))


AGENCY = """
    Bokningsnummer;Anställningsnr;Avresedatum;Hemresedatum;Från;Till;Färdmedel;Km;Belopp
    B1;1042;2024-03-01;2024-03-02;Borås;Umeå;Flyg;780;4210,00
    B2;1043;2024-03-04;2024-03-04;Borås;Malmö;Tåg;290;1 234,50
    B3;1044;2024-03-05;2024-03-05;Borås;Växjö;Hyrbil;170;-500,00
"""
AGENCY_LANDS = """
    2024-03-01 flight round_trip 780 4210.00 Borås>Umeå
    2024-03-04 rail round_trip 290 1234.50 Borås>Malmö
    2024-03-05 car round_trip 170 -500.00 Borås>Växjö
"""


def agency(
    habit: str, *changes: tuple[str, str], name: str = "resebyra.csv", lands: str = AGENCY_LANDS, **more
) -> Case:
    table = AGENCY
    for was, becomes in changes:
        assert was in table, was
        table = table.replace(was, becomes)
    return text(habit, name, table, lands, **more)


def dated(habit: str, *days: str, **more) -> Case:
    """The agency's file with its three departures written another way."""
    changes = zip(("2024-03-01;2024-03-02", "2024-03-04;2024-03-04", "2024-03-05;2024-03-05"), days, strict=True)
    return agency(habit, *((was, f"{day};{day}") for was, day in changes), **more)


CASES = [
    # -- encodings, separators, line ends ---------------------------------------------------------------------------
    agency("UTF-8, semicolons"),
    agency("UTF-8 with a byte-order mark", encoding="utf-8-sig"),
    agency("Windows-1252", encoding="cp1252"),
    agency("UTF-16 with a mark", encoding="utf-16"),
    agency("UTF-16 without a mark", encoding="utf-16-le"),
    agency("line ends of Windows", line="\r\n"),
    agency("tabs", (";", "\t"), name="resebyra.tsv"),
    agency("bars", (";", "|")),
    text(
        "commas, quotes around amounts with a comma, English headings",
        "travel.csv",
        """
        Booking no,Employee no,Departure date,Return date,From,To,Mode,Distance (km),"Amount, kr"
        B1,1042,2024-03-01,2024-03-02,Borås,Umeå,Flight,780,"4,210.00"
        B2,1043,2024-03-04,2024-03-04,Borås,Malmö,Train,290,"1,234.50"
        B3,1044,2024-03-05,2024-03-05,Borås,Växjö,Rental car,170,(500.00)
        """,
        AGENCY_LANDS,
    ),
    agency("a line that says the separator", ("    Bokningsnummer", "    sep=;\n    Bokningsnummer")),
    agency("every cell quoted, a separator inside", ("Borås;Umeå", '"Borås";"Umeå; Sverige"'),
           lands=AGENCY_LANDS.replace("Umeå", "Umeå; Sverige")),
    agency("separators at the end of every line", *((end, f"{end};;") for end in ("Belopp", "4210,00", "234,50", "-500,00"))),
    agency("shorter lines", ("170;-500,00", "170"), lands=AGENCY_LANDS.replace("170 -500.00", "170 -")),
    # -- rows around the table ----------------------------------------------------------------------------------------
    agency("titles above the header", ("    Bokningsnummer", "    Resestatistik;;\n    Period: mars 2024\n\n    Bokningsnummer"),
           title_row=2),
    agency("totals below", ("-500,00", "-500,00\n    Summa;;;;;;;1240;4944,50\n    Antal rader: 3"), total_row=2),
    agency("subtotals between", ("    B2", "    Delsumma mars;;;;;;;780;4210,00\n    B2"), total_row=1),
    agency("blank rows between", ("    B2", "\n    ;;;;;;;;\n    B2")),
    agency("the header again", ("    B2", "    Bokningsnummer;Anställningsnr;Avresedatum;Hemresedatum;Från;Till;Färdmedel;Km;Belopp\n    B2"),
           repeated_header=1),
    agency("a second header in English", ("    B1", "    Booking no;Employee no;Departure date;Return date;From;To;Mode;Distance;Amount\n    B1"),
           repeated_header=1),
    agency("a header over two lines", ("    Bokningsnummer;Anställningsnr;Avresedatum;Hemresedatum;Från;Till;Färdmedel;Km;Belopp",
           "    Boknings-;Anställnings-;Avrese-;Hemrese-;Från;Till;Färd-;;Belopp\n    nummer;nr;datum;datum;;;medel;Km;inkl moms")),
    agency("groups above the header", ("    Bokningsnummer", "    Resan;;;;;;;Mängd;Pengar\n    Bokningsnummer"), title_row=1),
    # -- numbers --------------------------------------------------------------------------------------------------------
    agency("points between thousands, kr, minus after the number", ("4210,00", "4.210,00 kr"), ("1 234,50", "1.234,50 kr"), ("-500,00", "500,00-")),
    agency("no-break spaces between thousands", ("1 234,50", "1\u00a0234,50"), ("4210,00", "4\u202f210,00")),
    agency("the minus sign of typesetters, ':-'", ("-500,00", "−500,00"), ("4210,00", "4 210:-")),
    agency("mil", (";Km;", ";Mil;"), (";780;", ";78;"), (";290;", ";29,0;"), (";170;", ";17;")),
    agency("one way distances", (";Km;", ";Km enkel resa;"), (";780;", ";390;"), (";290;", ";145;"), (";170;", ";85;")),
    agency("units in the cells", (";780;", ";780 km;"), (";290;", ";29 mil;")),
    agency("a dash for nothing", ("170;-500,00", "-;-"), lands=AGENCY_LANDS.replace("170 -500.00", "- -")),
    agency("leading zeros kept by a formula of text", (";1042;", ';="01042";')),
    # -- dates ----------------------------------------------------------------------------------------------------------
    dated("dates with times", "2024-03-01 08:15", "2024-03-04 06:00", "2024-03-05 17:45",
          lands=AGENCY_LANDS.replace("03-01", "03-01T08:15").replace("03-04", "03-04T06:00").replace("03-05", "03-05T17:45")),
    dated("dates with points", "01.03.2024", "04.03.2024", "05.03.2024"),
    dated("dates as they are said", "1/3 2024", "4/3 2024", "5/3 2024"),
    dated("names of months", "1 mars 2024", "4 mar 2024", "tis 5 mars 2024"),
    dated("serial numbers of days", "45352", "45355", "45356"),
    dated("dates without signs", "20240301", "20240304", "20240305"),
    dated("weeks", "2024-W10", "v11 2024", "vecka 12 2024",
          lands=AGENCY_LANDS.replace("03-04", "03-11").replace("03-01", "03-04").replace("03-05", "03-18")),
    dated("the month first, which one value shows", "03/01/2024", "03/04/2024", "03/25/2024", lands=AGENCY_LANDS.replace("03-05", "03-25")),
    dated("the day first, which one value shows", "01/03/2024", "04/03/2024", "25/03/2024", lands=AGENCY_LANDS.replace("03-05", "03-25")),
    dated("several ways in one column", "2024-03-01", "4/3 2024", "45356"),
    # -- what rows mean -------------------------------------------------------------------------------------------------
    text(
        "flights, trains, hotels, fees and refunds among one another",
        "produkter.csv",
        """
        Ordernummer;Resenär;Startdatum;Produkt;Från;Till;Pris inkl moms;CO2 (kg)
        O1;Kim;2024-03-01;Flyg;Göteborg;Umeå;2 100,00;110,5
        O1;Kim;2024-03-01;Hotell;;;1 190,00;
        O1;Kim;2024-03-01;Serviceavgift;;;95,00;
        O2;Lo;2024-03-04;Tåg;Göteborg;Malmö;640,00;0,1
        O2;Lo;2024-03-04;Återbetalning;;;-640,00;
        O3;Mio;2024-03-05;Hyrbil;Göteborg;Skövde;720,00;
        """,
        """
        2024-03-01 flight segment - 2100.00 Göteborg>Umeå
        2024-03-01 other hotel - 1190.00 ->-
        2024-03-01 other fee - 95.00 ->-
        2024-03-04 rail segment - 640.00 Göteborg>Malmö
        2024-03-04 unknown refund - -640.00 ->-
        2024-03-05 car segment - 720.00 Göteborg>Skövde
        """,
    ),
    text(
        "one way and there and back",
        "resor.csv",
        """
        Datum;Färdsätt;Typ;Från;Till;Sträcka (km);Kostnad (kr)
        2024-03-01;Tåg;Enkel;Borås;Göteborg;73;120
        2024-03-02;Tåg;Tur och retur;Borås;Göteborg;146;240
        2024-03-03;Buss;T/R;Borås;Varberg;160;190,50
        """,
        """
        2024-03-01 rail one_way 73 120.00 Borås>Göteborg
        2024-03-02 rail round_trip 146 240.00 Borås>Göteborg
        2024-03-03 bus round_trip 160 190.50 Borås>Varberg
        """,
    ),
    text(
        "a rail account with times apart",
        "foretagskonto_tag.csv",
        """
        Biljettnummer;Resdatum;Avgångstid;Ankomsttid;Från station;Till station;Klass;Typ;Pris;Moms
        T1;2024-03-01;07:10;09:55;Göteborg C;Stockholm C;2 klass;Köp;595,00;33,68
        T2;2024-03-01;17:30;20:15;Stockholm C;Göteborg C;1 klass;Köp;995,00;56,32
        T1;2024-03-02;;;Göteborg C;Stockholm C;2 klass;Återköp;-595,00;-33,68
        """,
        """
        2024-03-01T07:10 rail segment - 595.00 Göteborg C>Stockholm C
        2024-03-01T17:30 rail segment - 995.00 Stockholm C>Göteborg C
        2024-03-02 rail refund - -595.00 Göteborg C>Stockholm C
        """,
    ),
    text(
        "own-car claims from payroll in mil",
        "milersattning_2024.csv",
        """
        Milersättning mars;;;;;
        Anst.nr;Datum;Från;Till;Antal mil;Ersättning
        01042;2024-03-01;Borås;Ulricehamn;7,2;180,00
        01043;2024-03-04;Borås;Skara;16,4;410,00
        Totalt;;;;23,6;590,00
        """,
        """
        2024-03-01 car round_trip 72 180.00 Borås>Ulricehamn
        2024-03-04 car round_trip 164 410.00 Borås>Skara
        """,
        title_row=1, total_row=1, encoding="cp1252",
    ),
    text(
        "a driver's log with an odometer, times and private drives",
        "korjournal.csv",
        """
        Körjournal Bygglovsenheten;;;;;;;;;
        Datum;Starttid;Sluttid;Regnr;Från;Till;Mätarställning start;Mätarställning slut;Typ;Ärende
        2024-03-01;08:15;09.05;ABC123;Borås;Ulricehamn;10 200;10 236;Tjänst;Möte
        2024-03-01;16:15;17:05;ABC123;Ulricehamn;Borås;10 236;10 272;Tjänst;Möte
        2024-03-02;10:00;11:00;ABC123;Borås;Varberg;10 272;10 372;Privat;
        """,
        """
        2024-03-01T08:15 car one_way 36 - Borås>Ulricehamn
        2024-03-01T16:15 car one_way 36 - Ulricehamn>Borås
        """,
        title_row=1, private=1,
    ),
    text(
        "taxi invoices with nothing but kronor",
        "taxi_mars.csv",
        """
        Fakturanr;Datum;Kostnadsställe;Belopp (SEK)
        F1;2024-03-01;4711;412,00
        F2;2024-03-02;4711;1 018,00
        ;;Att betala;1 430,00
        """,
        """
        2024-03-01 taxi one_way - 412.00 ->-
        2024-03-02 taxi one_way - 1018.00 ->-
        """,
        total_row=1,
    ),
    text(
        "fuel invoices in litres",
        "drivmedel.csv",
        """
        Kortnummer;Tankningsdatum;Produkt;Liter;Belopp exkl moms;Moms
        7001;2024-03-01;Diesel;42,5;680,00;170,00
        7002;2024-03-04;HVO100;30 l;570,00;142,50
        """,
        """
        2024-03-01 car fuel - 680.00 ->-
        2024-03-04 car fuel - 570.00 ->-
        """,
    ),
    text(
        "fuel invoices in kronor only",
        "bränslefaktura.csv",
        """
        Regnr;Datum;Bränsle;Summa
        ABC123;2024-03-01;Bensin;512,30
        DEF456;2024-03-04;Diesel;880,00
        """,
        """
        2024-03-01 car fuel - 512.30 ->-
        2024-03-04 car fuel - 880.00 ->-
        """,
    ),
    text(
        "pool cars without drivers",
        "bilpool.csv",
        """
        Fordon;Uttag;Återlämnad;Körda km;Internhyra
        ABC123;2024-03-01 08:00;2024-03-01 16:30;84;310
        DEF456;2024-03-04 07:30;2024-03-05 17:00;212;690
        """,
        """
        2024-03-01T08:00 car round_trip 84 310.00 ->-
        2024-03-04T07:30 car round_trip 212 690.00 ->-
        """,
    ),
    text(
        "amounts with and without value-added tax beside one another",
        "resor_moms.csv",
        """
        Resdatum;Färdmedel;Belopp exkl moms;Moms;Belopp inkl moms
        2024-03-01;Tåg;100,00;6,00;106,00
        2024-03-02;Taxi;200,00;12,00;212,00
        """,
        """
        2024-03-01 rail segment - 106.00 ->-
        2024-03-02 taxi segment - 212.00 ->-
        """,
    ),
    text(
        "other currencies",
        "valutor.csv",
        """
        Resdatum;Färdmedel;Pris;Valuta
        2024-03-01;Flyg;100,00;EUR
        2024-03-02;Flyg;1 000,00;kr
        """,
        """
        2024-03-01 flight segment - 100.00 ->-
        2024-03-02 flight segment - 1000.00 ->-
        """,
    ),
    # -- workbooks ------------------------------------------------------------------------------------------------------
    book(
        "a workbook with titles, dates, numbers and a total",
        "resor.xlsx",
        [
            ["Reserapport 2024"],
            [],
            ["Avresedatum", "Hemresedatum", "Färdmedel", "Från", "Till", "Km", "Belopp"],
            [date(2024, 3, 1), date(2024, 3, 2), "Flyg", "Borås", "Umeå", 780, 4210],
            [date(2024, 3, 4), date(2024, 3, 4), "Tåg", "Borås", "Malmö", 290, 1234.5],
            ["Summa", None, None, None, None, 1070, 5444.5],
        ],
        """
        2024-03-01 flight round_trip 780 4210.00 Borås>Umeå
        2024-03-04 rail round_trip 290 1234.50 Borås>Malmö
        """,
        title_row=1, total_row=1,
    ),
    book(
        "a workbook in English with moments, numbers as text and a blank row",
        "trips.xlsx",
        [
            ["Departure", "Mode", "From", "To", "Distance (km)", "Amount (SEK)"],
            [datetime(2024, 3, 1, 8, 15), "Train", "Borås", "Malmö", "290", "1 234,50"],
            [],
            [datetime(2024, 3, 4, 6, 0), "Own car", "Borås", "Skara", 82.5, 205],
        ],
        """
        2024-03-01T08:15 rail segment 290 1234.50 Borås>Malmö
        2024-03-04T06:00 car segment 82.5 205.00 Borås>Skara
        """,
    ),
    book(
        "a workbook with times of day in columns of their own",
        "korjournal.xlsx",
        [
            ["Datum", "Starttid", "Sluttid", "Reg.nr", "Körsträcka (km)"],
            [date(2024, 3, 1), time(23, 30), time(0, 40), "ABC123", 61],
        ],
        "2024-03-01T23:30 car one_way 61 - ->-",
    ),
    Case(
        "a workbook of Excel 97–2003 with serial numbers for days",
        "resor.xls",
        xls([["Resestatistik"], ["Resdatum", "Ressätt", "Antal km", "Pris"], [45352.0, "Tåg", 290.0, 1234.5], [45355.0, "Buss", 60.0, 99.0]]),
        ("2024-03-01 rail segment 290 1234.50 ->-", "2024-03-04 bus segment 60 99.00 ->-"),
        {"title_row": 1},
    ),
    # -- several together -----------------------------------------------------------------------------------------------
    text(
        "titles, Windows-1252, tabs, points, header again, totals, minus after",
        "allt.txt",
        """
        Leverantörsrapport\tmars 2024

        Resdag\tAvresedag\tProdukttyp\tAvreseort\tAnkomstort\tKm\tTotalbelopp\tValutakod
        fre\t01.03.2024\tFlyg\tGöteborg\tLuleå\t1.090\t3.450,00\tSEK
        \t01.03.2024\tHotellnatt\t\t\t\t1.250,00\tSEK
        Resdag\tAvresedag\tProdukttyp\tAvreseort\tAnkomstort\tKm\tTotalbelopp\tValutakod
        mån\t04.03.2024\tTåg\tGöteborg\tLund\t265\t410,00\tSEK
        \t04.03.2024\tKreditering\t\t\t\t410,00-\tSEK
        Totalsumma\t\t\t\t\t\t4.700,00\t
        """,
        """
        2024-03-01 flight segment 1090 3450.00 Göteborg>Luleå
        2024-03-01 other hotel - 1250.00 ->-
        2024-03-04 rail segment 265 410.00 Göteborg>Lund
        2024-03-04 unknown refund - -410.00 ->-
        """,
        encoding="cp1252", title_row=1, repeated_header=1, total_row=1,
    ),
]  # fmt: skip
