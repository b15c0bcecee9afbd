export type PreseedAnswer = {
  readonly owner: string;
  readonly question: string;
  readonly type: string;
  readonly value: string;
};

const types = new Set('string select multiselect boolean password text note title'.split(' '));

/** Reads a preseed strictly: what Debian's readers would pass over or take differently throws. */
export function readPreseed(text: string): readonly PreseedAnswer[] {
  const answers: PreseedAnswer[] = [];
  for (const line of text.split('\n')) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    if (/[^\P{Cc}\t]/u.test(line)) throw new Error(`control characters: ${JSON.stringify(line)}`);
    if (line.endsWith('\\')) throw new Error(`goes on: ${line}`);
    const found = /^(\S+)[ \t]+(\S+)[ \t]+(\S+)(?:[ \t](.*))?$/u.exec(line);
    const [, owner = '', question = '', type = '', value = ''] = found ?? [];
    if (!types.has(type)) throw new Error(`no answer: ${line}`);
    if (!/^[a-z][a-z0-9+.-]*$/.test(owner)) throw new Error(`no owner: ${line}`);
    if (!/^[A-Za-z0-9/_.+-]+$/.test(question)) throw new Error(`no question: ${line}`);
    if (type === 'boolean' && !/^(?:true|false)$/.test(value))
      throw new Error(`no boolean: ${line}`);
    answers.push({ owner, question, type, value });
  }
  const names = answers.map(({ question }) => question);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new Error(`answered twice: ${twice}`);
  return answers;
}
