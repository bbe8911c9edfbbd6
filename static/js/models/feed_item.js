/** Feed items as the rows show them: an anonymous one has no actor on the wire.
 *  @param {{id: string, name: string, role: string}} somebody who stands in its place */
export const with_actor = (item, somebody) => (item.actor ? item : { ...item, actor: somebody });
