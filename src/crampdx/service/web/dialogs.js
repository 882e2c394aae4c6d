/** Opening a document, by paste, file or drop; and sharing the record by link. */

import { render } from "./dom.js";
import { renderRefusal } from "./render_notices.js";
import { linkTo } from "./share.js";

const MAX_FILE = 16 * 1024 * 1024;
const byId = (id) => document.getElementById(id);

const asRefusal = (error) => (error.title ? error : { title: "It cannot be read", detail: error.message });

const tooLarge = (size) => (size > MAX_FILE ? { title: "The document is larger than 16 MiB" } : null);

/**
 * The dialog that opens documents, and the drop of one anywhere on the page.
 *
 * @param {(text: string) => Promise<void>} accept takes a document; throws why it is refused
 */
export function importing(accept) {
  const dialog = byId("import-dialog");
  const [text, file, problem] = [byId("import-text"), byId("import-file"), byId("import-problem")];

  const fail = (error) => render(problem, renderRefusal(asRefusal(error)));

  function open() {
    text.value = "";
    file.value = "";
    render(problem);
    if (!dialog.open) dialog.showModal();
    text.focus();
  }

  async function take(content) {
    if (!content.trim()) return fail({ title: "There is nothing to read: paste a document or choose a file" });
    const refused = tooLarge(content.length);
    if (refused) return fail(refused);
    try {
      await accept(content);
      dialog.close();
    } catch (error) {
      fail(error);
    }
  }

  async function takeFile(chosen) {
    const refused = tooLarge(chosen.size);
    return refused ? fail(refused) : take(await chosen.text());
  }

  file.addEventListener("change", () => file.files[0] && takeFile(file.files[0]));
  dropping(async (dropped) => {
    open();
    await takeFile(dropped);
  });
  return { open, submit: () => take(text.value) };
}

const holdsFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

function dropping(take) {
  const zone = byId("dropzone");
  addEventListener("dragover", (event) => {
    if (!holdsFile(event)) return;
    event.preventDefault();
    zone.hidden = false;
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) zone.hidden = true;
  });
  addEventListener("drop", (event) => {
    if (!holdsFile(event)) return;
    event.preventDefault();
    zone.hidden = true;
    if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
  });
}

/** The dialog that shows the link to a record. */
export function sharing() {
  const dialog = byId("share-dialog");
  const [link, status] = [byId("share-link"), byId("share-status")];
  return {
    async open(record) {
      const made = await linkTo(location.href, record);
      link.value = made ?? "";
      status.textContent = made ? "" : "The record is too large for a link.";
      dialog.showModal();
      link.select();
    },
    async copy() {
      link.select();
      try {
        await navigator.clipboard.writeText(link.value);
        status.textContent = "Copied.";
      } catch {
        status.textContent = "Copy the marked link.";
      }
    },
  };
}
