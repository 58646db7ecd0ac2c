/**
 * Descriptions of the commands of code attendance, per language. Their names are the same in every language: a teacher
 * says "type /here" to a whole class.
 */
interface Words {
  readonly description: string
  readonly de: string
}

export const attendanceWords = {
  register: { description: 'Registers your student id', de: 'Registriert deine Matrikelnummer' },
  'register.student_id': { description: 'Your student id', de: 'Deine Matrikelnummer' },
  'register.student_name': { description: 'Your name as it should stand in the list', de: 'Dein Name, wie er in der Liste stehen soll' },
  here: { description: 'Records that you are here', de: 'Trägt dich als anwesend ein' },
  'here.code': { description: 'The code on the screen', de: 'Der Code auf dem Bildschirm' },
  open_attendance: { description: 'Opens a session and shows its code here', de: 'Öffnet eine Sitzung und zeigt hier ihren Code' },
  'open_attendance.late_after': { description: 'From how many minutes on an entry is late; 0: never', de: 'Ab wie vielen Minuten ein Eintrag verspätet ist; 0: nie' },
  'open_attendance.auto_close': { description: 'After how many minutes it closes by itself; 0: never', de: 'Nach wie vielen Minuten sie von selbst schließt; 0: nie' },
  close_attendance: { description: 'Closes the session and writes its records', de: 'Schließt die Sitzung und schreibt ihre Einträge' },
  export_csv: { description: 'Gives the records as a table (CSV)', de: 'Gibt die Einträge als Tabelle (CSV)' },
  'export_csv.session_id': { description: 'One session; without it, all', de: 'Eine Sitzung; ohne Angabe alle' },
  'export_csv.receipts': { description: 'With a link to each record’s proof', de: 'Mit einem Link zum Nachweis jedes Eintrags' },
  excuse: { description: 'Marks a student as excused', de: 'Entschuldigt jemanden' },
  'excuse.student': { description: 'Who: student id, Discord id or name', de: 'Wen: Matrikelnummer, Discord-Nummer oder Name' },
  'excuse.date': { description: 'Which day, YYYY-MM-DD; without it, today', de: 'Welcher Tag, JJJJ-MM-TT; ohne Angabe heute' },
  mark_present: { description: 'Marks a student as present', de: 'Trägt jemanden als anwesend ein' },
  'mark_present.student': { description: 'Who: student id, Discord id or name', de: 'Wen: Matrikelnummer, Discord-Nummer oder Name' },
  'mark_present.date': { description: 'Which day, YYYY-MM-DD; without it, today', de: 'Welcher Tag, JJJJ-MM-TT; ohne Angabe heute' },
  'mark_present.session_id': { description: 'Which session; without it, the newest of the day', de: 'Welche Sitzung; ohne Angabe die neueste des Tages' },
  remove_attendance: { description: 'Removes a student’s record', de: 'Entfernt den Eintrag von jemandem' },
  'remove_attendance.student': { description: 'Who: student id, Discord id or name', de: 'Wen: Matrikelnummer, Discord-Nummer oder Name' },
  'remove_attendance.date': { description: 'Which day, YYYY-MM-DD', de: 'Welcher Tag, JJJJ-MM-TT' },
  'remove_attendance.session_id': { description: 'Which session; it wins over the day', de: 'Welche Sitzung; sie geht dem Tag vor' },
  attendance: { description: 'Settings and report of code attendance', de: 'Einstellungen und Auswertung der Anwesenheit' },
  'attendance.setup': { description: 'Shows or changes the settings', de: 'Zeigt oder ändert die Einstellungen' },
  'attendance.setup.admin_channel': { description: 'Where staff works and the code is shown', de: 'Wo das Personal arbeitet und der Code erscheint' },
  'attendance.setup.attendance_channel': { description: 'Where members type the code', de: 'Wo Mitglieder den Code eingeben' },
  'attendance.setup.staff_role': { description: 'Role whose members are staff too', de: 'Rolle, deren Mitglieder auch Personal sind' },
  'attendance.setup.rotation_interval': { description: 'Seconds until the next code, 5 to 300', de: 'Sekunden bis zum nächsten Code, 5 bis 300' },
  'attendance.setup.code_length': { description: 'Characters of a code, 3 to 12', de: 'Zeichen eines Codes, 3 bis 12' },
  'attendance.setup.alphabet': { description: 'Which characters codes are made of', de: 'Aus welchen Zeichen Codes bestehen' },
  'attendance.setup.grace': { description: 'How many previous codes still count', de: 'Wie viele frühere Codes noch zählen' },
  'attendance.setup.late_after': { description: 'Minutes until an entry is late; 0: never', de: 'Minuten, bis ein Eintrag verspätet ist; 0: nie' },
  'attendance.setup.auto_close': { description: 'Minutes until a session closes by itself; 0: never', de: 'Minuten, bis eine Sitzung von selbst schließt; 0: nie' },
  'attendance.setup.voice_presence': { description: 'Whether members must be in a voice channel', de: 'Ob Mitglieder in einem Sprachkanal sein müssen' },
  'attendance.setup.voice_channel': { description: 'Which voice or stage channel', de: 'Welcher Sprach- oder Stage-Kanal' },
  'attendance.setup.time_zone': { description: 'IANA name, such as Europe/Berlin', de: 'IANA-Name, etwa Europe/Berlin' },
  'attendance.report': { description: 'How each student attended over some days', de: 'Wie jemand über einige Tage anwesend war' },
  'attendance.report.from': { description: 'First day, YYYY-MM-DD; without it, 30 days ago', de: 'Erster Tag, JJJJ-MM-TT; ohne Angabe vor 30 Tagen' },
  'attendance.report.to': { description: 'Last day, YYYY-MM-DD; without it, today', de: 'Letzter Tag, JJJJ-MM-TT; ohne Angabe heute' },
} as const satisfies Record<string, Words>

export type AttendancePath = keyof typeof attendanceWords

/** Name, description and its localization: the name is the last part of the path. */
export function attendanceWordsOf(path: AttendancePath) {
  const { description, de } = attendanceWords[path]
  return { name: path.slice(path.lastIndexOf('.') + 1), description, description_localizations: { de } }
}
