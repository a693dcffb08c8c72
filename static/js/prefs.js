/**
 * What a person has chosen for every tab (theme, language, sound), and what one tab remembers across a reload
 * (its rooms, seats, places read). Storage may be forbidden: then things are remembered as long as the page.
 */
function shelf(pick) {
  const memory = new Map();
  const storage = () => {
    try {
      return pick();
    } catch {
      return null;
    }
  };
  return {
    read(name, otherwise) {
      try {
        const text = storage()?.getItem(`parlor.${name}`) ?? memory.get(name) ?? null;
        return text === null ? otherwise : JSON.parse(text);
      } catch {
        return otherwise;
      }
    },
    write(name, value) {
      const text = JSON.stringify(value);
      memory.set(name, text);
      try {
        storage()?.setItem(`parlor.${name}`, text);
      } catch {
        // Full or forbidden: the memory has it.
      }
    },
  };
}

/** Shared by all tabs of the browser. */
export const prefs = shelf(() => localStorage);

/** This tab's own. */
export const tab = shelf(() => sessionStorage);

/** A Storage for the client's token that never throws. */
export const tokenStorage = {
  getItem: (key) => tab.read(key, null),
  setItem: (key, value) => tab.write(key, value),
  removeItem: (key) => tab.write(key, null),
};
