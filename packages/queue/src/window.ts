/** Lets as many through as there is room for; the others wait in order. */
export class Window {
  #room: number;
  #inside = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(room: number) {
    this.#room = room;
  }

  resize(room: number): void {
    this.#room = room;
    while (this.#inside < room && this.#waiting.length > 0) {
      this.#inside++;
      this.#waiting.shift()!();
    }
  }

  async enter(): Promise<void> {
    if (this.#inside < this.#room) this.#inside++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  leave(): void {
    this.#inside--;
    this.resize(this.#room);
  }
}
