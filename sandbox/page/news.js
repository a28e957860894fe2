// What is new, for those who hear the page: each thing is told once; what is drawn anew is not read again.

const HEARD = 10000; // milliseconds until what was told is taken away

/** Tell it when the reader has finished what is being read. */
export function tell(text) {
  const line = document.createElement("p");
  line.textContent = text;
  document.getElementById("news").append(line);
  setTimeout(() => line.remove(), HEARD);
}
