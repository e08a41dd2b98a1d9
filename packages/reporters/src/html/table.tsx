/** The head of a table; columns that can be sorted by have buttons. */
export function Head({ names, sortable = false }: { names: readonly string[]; sortable?: boolean }) {
  return (
    <thead>
      <tr>
        {names.map((name) => (
          <th key={name} scope="col">
            {sortable ? <button type="button">{name}</button> : name}
          </th>
        ))}
      </tr>
    </thead>
  );
}
