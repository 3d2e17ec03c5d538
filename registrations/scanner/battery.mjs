// How full the battery is, from 0 to 1, where the browser tells it; else null.

export async function watchBattery(onLevel) {
  try {
    const battery = await navigator.getBattery();
    const say = () => onLevel(battery.charging ? null : battery.level);
    battery.onlevelchange = battery.onchargingchange = say;
    say();
  } catch {
    onLevel(null); // most browsers keep it to themselves
  }
}
