/** Undoes, in reverse, what tracing changed outside the graph, once. */
export class Restore {
  private readonly actions: (() => void)[] = [];

  later(action: () => void): void {
    this.actions.push(action);
  }

  all(): void {
    for (const action of this.actions.splice(0).reverse()) action();
  }
}
