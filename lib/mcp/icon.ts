/** A terminal with a key in it. */
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48">' +
  '<rect x="3" y="7" width="42" height="34" rx="5" fill="#1f2430"/>' +
  '<path d="M10 16l7 6-7 6" fill="none" stroke="#fff" stroke-width="3"/>' +
  '<rect x="23" y="17" width="15" height="15" rx="3" fill="#f5c542"/>' +
  '<path d="M27 20l3.5 5 3.5-5M30.5 25v4.5" fill="none" stroke="#1f2430" stroke-width="2"/>' +
  "</svg>";

/** The picture that clients may show beside the server's name; it is fetched from nowhere. */
export const ICON = {
  src: `data:image/svg+xml;base64,${btoa(SVG)}`,
  mimeType: "image/svg+xml",
  sizes: ["any"],
};
