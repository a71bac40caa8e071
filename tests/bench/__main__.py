"""`make bench`: times and memory, each beside its floor in the same run."""

from rich.console import Console
from rich.table import Table

from tests.bench.measure import Row, command_rows, program_rows, synthetic_rows


def table(title: str, rows: list[Row]) -> Table:
    """One group of figures."""
    shown = Table(title=title, title_justify="left", show_edge=False)
    for heading in ("what", "time", "memory", "beside the floor"):
        shown.add_column(heading, justify="left" if heading == "what" else "right")
    for row in rows:
        shown.add_row(*row)
    return shown


if __name__ == "__main__":
    console = Console()
    console.print(table("The command line (wall time, median of 9)", command_rows()))
    console.print(table("Platforms of synthetic add-ons (CPU time per add-on)", synthetic_rows()))
    console.print(table("The program under a fake engine (CPU time, median of 7)", program_rows()))
