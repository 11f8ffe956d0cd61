import { nth } from '../../nth';

/**
 * The one-to-one assignment of rows to columns with the largest total gain, by the Hungarian algorithm with potentials
 * (Kuhn, 1955; in the shortest-path form of Jonker and Volgenant, 1987): O(n²·m) for n rows and m ≥ n columns.
 *
 * @param gains row-major `[rows, columns]`, finite
 * @returns for each row its column, or −1 for the rows that are left over when there are more rows than columns
 */
export function optimalAssignment(gains: ArrayLike<number>, rows: number, columns: number): Int32Array {
  if (rows <= columns) return assignEveryRow((i, j) => nth(gains, i * columns + j), rows, columns);
  const rowOfColumn = assignEveryRow((j, i) => nth(gains, i * columns + j), columns, rows);
  const columnOfRow = new Int32Array(rows).fill(-1);
  rowOfColumn.forEach((row, column) => {
    columnOfRow[row] = column;
  });
  return columnOfRow;
}

/** Solves the assignment for n ≤ m. Rows join one by one; each is fitted in along the cheapest path of exchanges. Index 0 stands for "none". */
function assignEveryRow(gain: (row: number, column: number) => number, n: number, m: number): Int32Array {
  const rowPotential = new Float64Array(n + 1);
  const columnPotential = new Float64Array(m + 1);
  const rowOf = new Int32Array(m + 1);
  for (let row = 1; row <= n; row++) {
    const distance = new Float64Array(m + 1).fill(Number.POSITIVE_INFINITY);
    const previous = new Int32Array(m + 1);
    const visited = new Uint8Array(m + 1);
    rowOf[0] = row;
    let column = 0;
    do {
      visited[column] = 1;
      const current = nth(rowOf, column);
      let nearest = 0;
      let step = Number.POSITIVE_INFINITY;
      for (let j = 1; j <= m; j++) {
        if (visited[j]) continue;
        const reduced = -gain(current - 1, j - 1) - nth(rowPotential, current) - nth(columnPotential, j);
        if (reduced < nth(distance, j)) {
          distance[j] = reduced;
          previous[j] = column;
        }
        const least = nth(distance, j);
        if (least < step) {
          step = least;
          nearest = j;
        }
      }
      for (let j = 0; j <= m; j++) {
        if (visited[j]) {
          const owner = nth(rowOf, j);
          rowPotential[owner] = nth(rowPotential, owner) + step;
          columnPotential[j] = nth(columnPotential, j) - step;
        } else distance[j] = nth(distance, j) - step;
      }
      column = nearest;
    } while (rowOf[column] !== 0);
    while (column !== 0) {
      const before = nth(previous, column);
      rowOf[column] = nth(rowOf, before);
      column = before;
    }
  }
  const columnOf = new Int32Array(n);
  rowOf.forEach((row, j) => {
    if (j > 0 && row !== 0) columnOf[row - 1] = j - 1;
  });
  return columnOf;
}
