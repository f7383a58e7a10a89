const PARTS =
  /(?<comment>\/\/.*)|(?<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`)|(?<keyword>\b(?:import|from|export|const|new|await|async|function|return|class|public|static|void|throws|try|var|curl)\b)|(?<option>(?<=\s)--[a-z-]+)/g;

/** Shows a program with its comments, strings and keywords in colors. */
export function Highlighted({ text }: { text: string }) {
  const shown = [];
  let end = 0;
  for (const part of text.matchAll(PARTS)) {
    const [kind] = Object.entries(part.groups!).find(([, found]) => found !== undefined)!;
    shown.push(
      text.slice(end, part.index),
      <span key={part.index} className={kind}>
        {part[0]}
      </span>,
    );
    end = part.index + part[0].length;
  }
  return <code>{[...shown, text.slice(end)]}</code>;
}
