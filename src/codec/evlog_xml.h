/* codec/evlog_xml.h — one event as XML into fields.
 *
 * What:   reads an <Event> as Windows and Sysmon for Linux write it: System, EventData, UserData.
 * Input:  hostile; no declarations, no entities but the five and numbers.
 * Limits: XML_EVENT_DEPTH open elements.
 * Owner:  values live in the maker's scratch arena or are slices of the text.
 * Spec:   docs/reference/events.md
 */
#ifndef CODEC_EVLOG_XML_H
#define CODEC_EVLOG_XML_H

#include "codec/evlog_rows.h"

enum { XML_EVENT_DEPTH = 16 };

/* Is that an event, from its first byte on? */
bool event_xml_begins(struct str text);
/* OK: the event is put into the maker; *ret_time and *ret_record are set if it tells them.
 * ERR_FORMAT: no event, or not whole. */
MUST_CHECK enum err event_xml_put(struct maker *m, struct str text, int64_t *ret_time,
                                  uint64_t *ret_record);

#endif
