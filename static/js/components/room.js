/** A room, or the thread of an update: its parts, each handed what it needs. */
import { Composer } from "app/components/composer.js";
import { Conversation } from "app/components/conversation.js";
import { Door } from "app/components/door.js";
import { History } from "app/components/history.js";
import { follow_acts } from "app/components/message_acts.js";
import { Outgoing } from "app/components/outgoing.js";
import { Place } from "app/components/place.js";
import { ReadMarks } from "app/components/read_marks.js";
import { TypingLine } from "app/components/typing.js";
import { find } from "app/helpers/dom.js";
import { Scroll } from "app/helpers/scroll.js";
import { Draft } from "app/models/draft.js";
import { Timeline } from "app/models/timeline.js";
import { safe_storage } from "app/net/env.js";

/** More than are offered: oneself may be among them. */
const ASKED_FOR = 6;

export default function mount(element, app) {
  const { state, viewer, session } = app;
  const id = element.dataset.room;
  const topic = `room:${id}`;
  const base = `${element.dataset.kind === "thread" ? "/updates" : "/rooms"}/${id}`;
  const list = find(element, "[data-list=messages]");
  const scroll = new Scroll(find(element, "[data-scroll]") ?? document.scrollingElement, list);
  const timeline = new Timeline({ ...state, viewer });

  const marks = new ReadMarks({
    element,
    scroll,
    timeline,
    mark: state.room.read_seq,
    tell: (seq) => app.command("chat.read", { room: id, seq }),
  });
  const view = new Conversation({
    element,
    list,
    scroll,
    timeline,
    look: { base, viewer_id: viewer.id, highlight: state.highlight ?? null },
    offline: () => app.offline,
    drawn: () => marks.look(),
  });
  const history = new History({
    element,
    scroll,
    timeline,
    view,
    read: (page) => app.command("chat.history", { room: id, ...page }),
  });
  const outgoing = new Outgoing({ room: id, session, timeline, view, history });
  const typing = new TypingLine(element, app, state.room);
  const composer = new Composer({
    form: find(element, "[data-composer]"),
    draft: new Draft(safe_storage(), viewer.id, id),
    people: people_of(app, id),
    send: (body, reply_to, mentions) => outgoing.post(body, reply_to, mentions),
    typing: (on) => typing.wrote(on),
  });
  const door = new Door({ element, room: state.room, writes: state.rights.writes, composer });
  const place = new Place({ scroll, timeline, history, news: state.read_seq !== null });
  view.begin(place).then(() => {
    place.begin();
    marks.begin();
  });

  session.topics.subscribe(topic, state.cursors?.[topic]);
  session.on("synced", () => marks.look());
  app.heard("chat.posted", ({ message }, frame) => {
    if (message.room !== id) return;
    const news = view.posted(message, message.key ?? frame?.key ?? null, marks.reached);
    if (message.author.id === viewer.id) marks.moved(message.seq);
    if (news) app.speak(`${message.author.name}: ${message.body}`);
  });
  app.heard("chat.read", ({ room, seq }) => room === id && marks.moved(seq));
  for (const event of ["room.updated", "room.archived"])
    app.heard(event, ({ room }) => room.id === id && door.changed(room));
  app.heard("server.unsubscribed", ({ topic: lost, error }) => {
    if (lost !== topic) return;
    view.clear();
    door.shut(error);
  });
  const back = (place) => (data) =>
    data.user.id === viewer.id && place(data) && door.opened();
  app.heard("room.joined", back(({ room }) => room === id));
  app.heard("enrollment.enrolled", back(({ course }) => course === state.room.course?.id));
  app.recovers(
    (lost) => lost === topic,
    () => history.to_latest(),
  );
  const newest = () => Math.max(timeline.last_seq ?? 0, session.topics.cursor(topic) ?? 0);
  follow_acts(element, {
    app,
    room: id,
    base,
    timeline,
    outgoing,
    composer,
    walks: {
      latest: () => history.to_end(),
      retry: () => history.retry(),
      unread: () => history.to_unread(marks.reached),
      read: () => marks.mark_all(newest()),
    },
  });
}

/** Whom one may mention: those who came with the page, and whom the room finds. */
function people_of(app, room) {
  const others = (people) => people.filter(({ id }) => id !== app.viewer.id);
  return {
    known: others(app.state.members ?? []),
    ask: async (q, signal) => {
      const found = await app.command("room.members", { room, q, limit: ASKED_FOR }, { signal });
      return others(found.members.map(({ user }) => user));
    },
  };
}
