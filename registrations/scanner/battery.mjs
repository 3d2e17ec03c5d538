// How full the battery is, from 0 to 1, and whether it is being charged, where the browser tells it; else null.

export async function watchBattery(onLevel) {
  try {
    const battery = await navigator.getBattery();
    const say = () => onLevel(battery.level, battery.charging);
    battery.onlevelchange = battery.onchargingchange = say;
    say();
  } catch {
    onLevel(null, false); // most browsers keep it to themselves
  }
}
