/** Who is here: the people themselves, or only how many above a hundred; unknown at first. */
export class Here {
  /** @type {Map<string, object>|null} */
  #people = null;
  #count = null;

  /** How many, or null while it is not known. */
  get count() {
    return this.#people?.size ?? this.#count;
  }

  /** Staff first, then by name; null when only the count is known. */
  get people() {
    if (!this.#people) return null;
    const rank = ({ role }) => (role === "student" ? 1 : 0);
    return [...this.#people.values()].sort(
      (one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name),
    );
  }

  has(id) {
    return this.#people?.has(id) ?? false;
  }

  /** @param {{users?: object[], count?: number}} list of `presence.list` */
  load({ users, count }) {
    this.#people = users ? new Map(users.map((user) => [user.id, user])) : null;
    this.#count = count ?? null;
  }

  /** @param {{count: number, joined?: object[], left?: string[], users?: object[]}} change */
  apply({ count, joined, left, users }) {
    if (users || !joined) return this.load({ users, count });
    this.#count = count;
    for (const user of joined) this.#people?.set(user.id, user);
    for (const id of left) this.#people?.delete(id);
  }
}
