/** Feed items as the rows show them: an anonymous one has no actor on the wire. */
const SOMEBODY = { id: "", name: "A student", role: "student" };

export const with_actor = (item) => (item.actor ? item : { ...item, actor: SOMEBODY });
