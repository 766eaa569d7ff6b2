{% load static %}// Keeps one page about nobody, and shows it where a signer's or a desk's page cannot be
// had. It never keeps an answer from any other address.

const CACHE = "pakta-{{ version }}";
const SHELL = "{% url 'signer:shell' %}";
const FILES = [{% for file in files %}
  "{% static file %}",{% endfor %}
];
const PLACES = /^\/(s|a|bukti|meja)(\/|$)/;
// What a proxy answers while the server behind it is away.
const AWAY = [502, 503, 504];

const isOld = (name) => name.startsWith("pakta-") && name !== CACHE;

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([SHELL, ...FILES])));
});

addEventListener("activate", (event) => {
  const tidy = (names) => Promise.all(names.filter(isOld).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(tidy));
});

async function pageOrShell(request) {
  try {
    const response = await fetch(request);
    if (!AWAY.includes(response.status)) return response;
  } catch (error) {
    // No network.
  }
  return caches.match(SHELL);
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin || request.method !== "GET") return;
  if (request.mode === "navigate" && PLACES.test(pathname)) {
    event.respondWith(pageOrShell(request));
  } else if (FILES.includes(pathname)) {
    event.respondWith(fetch(request).catch(() => caches.match(pathname)));
  }
});
