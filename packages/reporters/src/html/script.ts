/** All that runs in the page: a click on the head of a column sorts by it. Without it nothing is missing but that. */
export const script = `
for (const table of document.querySelectorAll('table.sortable')) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => head.querySelector('button').addEventListener('click', () => {
    const down = head.getAttribute('aria-sort') === 'ascending';
    heads.forEach((other) => other.removeAttribute('aria-sort'));
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    const key = (row) => {
      const { value } = row.cells[column].dataset;
      return value === undefined ? row.cells[column].textContent.trim() : value === '' ? null : Number(value);
    };
    const compare = (a, b) => (a === null ? 1 : b === null ? -1 : (typeof a === 'number' ? a - b : a.localeCompare(b)) * (down ? -1 : 1));
    const body = table.tBodies[0];
    body.append(...[...body.rows].sort((a, b) => compare(key(a), key(b))));
  }));
}
`;
