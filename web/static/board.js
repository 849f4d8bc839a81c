// The slider moves the date; the board follows when it is let go.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const slider = document.getElementById("f-slide");
  if (!slider) return;
  slider.disabled = false;
  const day = document.getElementById(slider.dataset.for);
  const shown = () => {
    const at = new Date(slider.dataset.first + "T00:00:00Z");
    at.setUTCDate(at.getUTCDate() + Number(slider.value));
    day.value = at.toISOString().slice(0, 10);
    slider.setAttribute("aria-valuetext", day.value);
  };
  slider.addEventListener("input", shown);
});
