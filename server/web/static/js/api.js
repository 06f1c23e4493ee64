// The page of the interface for programs: Swagger UI, once the page itself is there.
import { ready } from "./ready.js";

const place = document.getElementById("api");

async function start() {
  const [library, first] = [place?.dataset.script, place?.dataset.start];
  if (place) place.textContent = "Loading …"; // Swagger UI takes its place
  if (!library || !first || !(await ready(library)) || !(await ready(first))) {
    const note = document.createElement("p");
    note.className = "strip";
    note.setAttribute("role", "alert");
    note.textContent = "Swagger UI could not be loaded. The description above is complete without it.";
    place?.replaceChildren();
    place?.before(note);
  }
}

if (document.readyState === "complete") void start();
else addEventListener("load", () => void start());
