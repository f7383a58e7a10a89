import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { JoinForm } from './JoinForm';
import { RoomView } from './RoomView';
import { Session } from './session';
import type { Entrance } from './session';
import type { Settings } from './settings';

const roomInAddress = () => new URLSearchParams(location.search).get('room') ?? undefined;

/** `first` is the session of a user whom an issuer sent back to the page, and `fault` a sign-in that failed. */
export function App({ settings, first, fault }: { settings: Settings; first: Session | undefined; fault: string | undefined }) {
  const [session, setSession] = useState(first);
  const [trouble, setTrouble] = useState(fault);
  const [room, setRoom] = useState(first?.entrance.room ?? roomInAddress);
  const [name, setName] = useState(first?.entrance.name);
  const current = useRef(session);
  current.current = session;

  const leave = (why?: string) => {
    void current.current?.leave();
    setTrouble(why);
    setSession(undefined);
  };
  useEffect(() => {
    const onPop = () => {
      setRoom(roomInAddress() ?? current.current?.entrance.room);
      leave();
    };
    addEventListener('popstate', onPop);
    return () => removeEventListener('popstate', onPop);
  }, []);
  const join = (entrance: Entrance) => {
    setTrouble(undefined);
    setRoom(entrance.room);
    setName(entrance.name);
    setSession(new Session(entrance));
  };

  return session === undefined ? (
    <JoinForm key={room} settings={settings} trouble={trouble} room={room} name={name} onJoin={join} />
  ) : (
    <Entered key={session.entrance.room} session={session} settings={settings} onLeave={leave} />
  );
}

/** Shows the room once a token was vended; after a rejection, the form with the reason. */
function Entered({ session, settings, onLeave }: { session: Session; settings: Settings; onLeave: (why?: string) => void }) {
  const view = useSyncExternalStore(session.subscribe, session.view);
  const isIn = view.place !== undefined;
  const turnedAway = !isIn && view.connection === 'closed' ? view.trouble : undefined;
  useEffect(() => {
    if (turnedAway !== undefined) {
      onLeave(turnedAway);
    }
  }, [turnedAway]);
  useEffect(() => {
    // The room has its own place in the browser's history, so that going back leaves it.
    const address = `?${new URLSearchParams({ room: session.entrance.room })}`;
    if (isIn && !pushed.has(session)) {
      pushed.add(session);
      history.pushState(null, '', address);
    }
  }, [isIn]);
  const title = view.place?.room ?? session.entrance.room;
  useEffect(() => {
    document.title = `${view.unread > 0 ? `(${view.unread}) ` : ''}${title} · Chat`;
    return () => {
      document.title = 'Chat';
    };
  }, [title, view.unread]);
  return (
    <RoomView
      session={session}
      view={view}
      verifiedNames={settings.verifiedNames}
      onLeave={() => (pushed.has(session) ? history.back() : onLeave())}
    />
  );
}

/** The sessions that have a place in the browser's history. */
const pushed = new WeakSet<Session>();
