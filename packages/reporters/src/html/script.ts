/**
 * All that runs in the page: a click on the head of a column sorts by it, and a button copies a command, or shows it where
 * nothing may be copied. Without it nothing is missing but that.
 */
export const script = `
document.documentElement.classList.add('scripted');
for (const button of document.querySelectorAll('button.copy')) button.addEventListener('click', async () => {
  const { copy } = button.dataset;
  const copied = await navigator.clipboard?.writeText(copy).then(() => true, () => false);
  if (!copied) return button.replaceWith(Object.assign(document.createElement('code'), { textContent: copy }));
  const label = button.textContent;
  button.textContent = 'copied';
  setTimeout(() => { button.textContent = label; }, 1500);
});
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
