/* Every page loads this first. It says that scripts run, so that what needs them can be shown. */
document.documentElement.classList.add("scripts");
