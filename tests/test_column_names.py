"""On a telephone a row of a list is a card; what each value is stands in the page itself, so that no script is needed."""

from web.console.column_names import named

HEAD = '<thead><tr><th scope="col">编号</th><th>标题</th><th><a href="?o=l">红绿灯</a> ▲</th><th></th></tr></thead>'


def row(*cells: str, table: str = '<table class="rows">') -> str:
    """The body of a list with one row, as it comes out."""
    page = f"<p>前</p>{table}{HEAD}<tbody><tr class='x'>{''.join(cells)}</tr></tbody></table><p>后</p>"
    said = named(page)
    assert said.startswith(f"<p>前</p>{table}{HEAD}<tbody><tr class='x'>")
    return said.partition("<tr class='x'>")[2].partition("</tr>")[0]


def test_a_cell_bears_the_head_of_its_column_but_the_first_two_are_the_title() -> None:
    said = row("<td>a</td>", '<td class="b">b</td>', "<td><span>c</span></td>", "<td>d</td>")

    assert said == '<td>a</td><td class="b">b</td><td data-label="红绿灯 ▲"><span>c</span></td><td>d</td>'


def test_an_empty_cell_makes_no_line_of_a_card() -> None:
    said = row("<th>a</th>", '<td class="number"> <b></b></td>', "<td>\n</td>")

    assert said == '<th>a</th><td class="void number"> <b></b></td><td class="void">\n</td>'


def test_a_cell_to_be_ticked_or_filled_in_is_not_empty_and_a_form_says_itself_what_it_is() -> None:
    tick, form = '<td><input type="checkbox"></td>', "<td><form>去</form></td>"

    assert row(tick, "<td>a</td>", tick) == f'{tick}<td>a</td><td data-label="红绿灯 ▲"><input type="checkbox"></td>'
    assert row(tick, "<td>a</td>", form) == f"{tick}<td>a</td>{form}"


def test_more_cells_than_heads_and_quotes_in_a_head_do_no_harm() -> None:
    cells = ["<td>a</td>"] * 6

    assert row(*cells).endswith("<td>a</td><td>a</td><td>a</td>")
    head = '<thead><tr><th>a</th><th>b</th><th>"c" &lt;</th></tr></thead>'
    said = named(f'<table class="rows">{head}<tr><td>1</td><td>2</td><td>3</td></tr></table>')
    assert '<td data-label="&#34;c&#34; &lt;">3</td>' in said


def test_other_tables_stay_as_they_are() -> None:
    for table in ('<table class="month">', "<table>", '<table class="rowsless">'):
        assert row("<td>a</td>", "<td>b</td>", table=table) == "<td>a</td><td>b</td>"
    headless = '<table class="rows"><tr><td>a</td><td>b</td></tr></table>'
    assert named(headless) == headless
    small = row("<td>a</td>", "<td>b</td>", "<td>c</td>", table='<table class="rows small">')
    assert small.endswith('<td data-label="红绿灯 ▲">c</td>')
