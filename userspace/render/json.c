// SPDX-License-Identifier: GPL-2.0
/* JSON strings, valid whatever goes in. */
#include "render/json.h"

#include "util/text.h"

void mms_json_string(FILE *out, const char *s)
{
	fputc('"', out);
	while (*s) {
		size_t n = mms_utf8_len(s);

		if (!n)
			fputs("\xef\xbf\xbd", out);
		else if (n == 1 && (*s == '"' || *s == '\\'))
			fprintf(out, "\\%c", *s);
		else if (n == 1 && ((unsigned char)*s < 0x20 || *s == 0x7f))
			fprintf(out, "\\u%04x", (unsigned char)*s);
		else
			fwrite(s, 1, n, out);
		s += n ? n : 1;
	}
	fputc('"', out);
}
