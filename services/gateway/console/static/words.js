// What scripts say, in the page's language; the server makes the words from the product's translations.
const { assets } = document.documentElement.dataset;
const language = document.documentElement.lang;
const { words } = await import(`${assets}/words-${language}.js`);

export const say = (key, names = {}) =>
  Object.entries(names).reduce((text, [name, value]) => text.replace(`%(${name})s`, value), words.script[key] ?? key);

export const refusal = (problem) =>
  words.refusal[problem?.reason] ?? (problem?.status === 404 ? words.refusal.no_such_ticket : `${say("refused")} (${problem?.reason ?? "?"})`);

export const delivery = (state) => words.delivery[state] ?? state;

export const letter = (kind) => words.letter[kind] ?? kind;

export const digits = language === "ar" ? "ar-u-nu-arab" : language;
