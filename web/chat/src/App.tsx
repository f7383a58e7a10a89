import { useEffect, useState, useSyncExternalStore } from 'react';
import { JoinForm } from './JoinForm';
import { RoomView } from './RoomView';
import { Session } from './session';
import type { Wish } from './session';
import type { Settings } from './settings';

export function App({ settings }: { settings: Settings }) {
  const [session, setSession] = useState<Session>();
  const [trouble, setTrouble] = useState<string>();

  const join = (wish: Wish) => {
    setTrouble(undefined);
    setSession(new Session(wish));
  };
  const leave = (why?: string) => {
    void session?.leave();
    setTrouble(why);
    setSession(undefined);
  };

  return session === undefined ? (
    <JoinForm settings={settings} trouble={trouble} onJoin={join} />
  ) : (
    <Entered session={session} settings={settings} onLeave={leave} />
  );
}

/** Shows the room once a token was vended; after a rejection, the form with the reason. */
function Entered({ session, settings, onLeave }: { session: Session; settings: Settings; onLeave: (why?: string) => void }) {
  const view = useSyncExternalStore(session.subscribe, session.view);
  const turnedAway = view.rights === undefined && view.status === 'closed' ? view.trouble : undefined;
  useEffect(() => {
    if (turnedAway !== undefined) {
      onLeave(turnedAway);
    }
  }, [turnedAway]);
  return <RoomView session={session} view={view} verifiedNames={settings.verifiedNames} onLeave={() => onLeave()} />;
}
